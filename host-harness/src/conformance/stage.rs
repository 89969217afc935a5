//! The tool, as a situation has it: a server on this machine that plays a kit's exchanges.
//!
//! It writes its answers by hand, because some of them have to be wrong.

use std::fmt::Write;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::exchange::Exchange;
use super::kit::Kit;
use super::spoil::Spoil;

/// The most that is read of a request, in bytes.
const LARGEST: usize = 1 << 20;

/// The most characters that are shown of an answer.
const SHOWN: usize = 160;

/// A server that plays one script after the other.
#[derive(Debug)]
pub(super) struct Stage {
    /// Where it is, as a URL without a path.
    pub(super) url: String,
    scene: Arc<Mutex<Scene>>,
    server: JoinHandle<()>,
}

/// A script, and how far it was played.
#[derive(Debug, Default)]
struct Scene {
    script: Vec<Exchange>,
    spoiled: Option<(usize, Spoil)>,
    date: String,
    played: Vec<bool>,
    seen: Vec<Seen>,
    /// Connections whose answers never come.
    held: Vec<TcpStream>,
}

/// A request that came, and what was answered.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) method: String,
    /// The path with its query.
    pub(super) target: String,
    /// Its headers, as names and values.
    pub(super) headers: Vec<(String, String)>,
    /// Its place in the script; none where the script has no such request.
    pub(super) at: Option<usize>,
    answer: String,
}

impl Seen {
    /// In one line.
    pub(super) fn line(&self) -> String {
        format!("{} {} -> {}", self.method, self.target, self.answer)
    }
}

impl Stage {
    /// Listens on a port of the system's choice.
    pub(super) async fn open() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let scene = Arc::<Mutex<Scene>>::default();
        let shared = Arc::clone(&scene);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let scene = Arc::clone(&shared);
                // A peer that goes away is the plugin's affair.
                tokio::spawn(async move { serve(stream, &scene).await });
            }
        });
        Ok(Self { url, scene, server })
    }

    /// Sets the next script, with one of its answers spoiled where that is asked for.
    pub(super) fn set(&self, kit: &Kit, script: &[Exchange], spoiled: Option<(usize, Spoil)>) {
        let fill = |exchange: &Exchange| Exchange {
            body: kit.fill(&exchange.body),
            headers: exchange.headers.iter().map(|(name, value)| (name.clone(), kit.fill(value))).collect(),
            ..exchange.clone()
        };
        *self.lock() = Scene {
            script: script.iter().map(fill).collect(),
            spoiled,
            date: kit.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
            played: vec![false; script.len()],
            ..Scene::default()
        };
    }

    /// Ends the script: what was requested, and what of it never was.
    pub(super) fn end(&self) -> (Vec<Seen>, Vec<String>) {
        let scene = std::mem::take(&mut *self.lock());
        let left = scene.script.iter().zip(&scene.played).filter(|(exchange, played)| !**played && !exchange.repeats);
        let left = left.map(|(exchange, _)| exchange.request.text.clone()).collect();
        (scene.seen, left)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Scene> {
        self.scene.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Reads one request and answers it. None: the peer went away, or sent no HTTP.
async fn serve(mut stream: TcpStream, scene: &Mutex<Scene>) -> Option<()> {
    let request = read(&mut stream).await?;
    let answer = scene.lock().unwrap_or_else(PoisonError::into_inner).answer(request);
    let Some(bytes) = answer else {
        scene.lock().unwrap_or_else(PoisonError::into_inner).held.push(stream);
        return None;
    };
    stream.write_all(&bytes).await.ok()?;
    stream.shutdown().await.ok()
}

/// What is kept of a request.
struct Head {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
}

/// The head of a request, once all of the request has come.
async fn read(stream: &mut TcpStream) -> Option<Head> {
    let mut bytes = Vec::new();
    loop {
        if bytes.len() > LARGEST || stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut request = httparse::Request::new(&mut headers);
        let httparse::Status::Complete(head) = request.parse(&bytes).ok()? else { continue };
        let (method, target) = (request.method?.to_owned(), request.path?.to_owned());
        let header = |name: &str| request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        let length = header("content-length").and_then(|header| str::from_utf8(header.value).ok()?.parse().ok());
        let whole = match (header("transfer-encoding"), length) {
            (Some(_), _) => bytes.ends_with(b"0\r\n\r\n"),
            (None, length) => bytes.len() >= head + length.unwrap_or(0_usize),
        };
        if whole {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let headers = request.headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect();
            return Some(Head { method, target, headers });
        }
    }
}

impl Scene {
    /// The bytes of the answer, none of them where the connection is closed in its place. None: it never comes.
    fn answer(&mut self, Head { method, target, headers }: Head) -> Option<Vec<u8>> {
        let fits = |at: &usize| self.script[*at].request.fits(&method, &target);
        let open = |at: &usize| !self.played[*at] || self.script[*at].repeats;
        let at = (0..self.script.len()).filter(fits).find(open);
        let spoil = self.spoiled.filter(|(spoiled, _)| Some(*spoiled) == at).map(|(_, spoil)| spoil);
        let (bytes, said) = match at {
            None => (whole(404, "", "{}"), "404: the kit has no such request here".to_owned()),
            Some(at) => {
                self.played[at] = true;
                self.script[at].answered(spoil, &self.date)
            }
        };
        self.seen.push(Seen { method, target, headers, at, answer: said });
        (spoil != Some(Spoil::Late)).then_some(bytes)
    }
}

impl Exchange {
    /// The answer, and how it is told.
    fn answered(&self, spoil: Option<Spoil>, date: &str) -> (Vec<u8>, String) {
        let mut headers = String::new();
        if !self.headers.keys().any(|name| name.eq_ignore_ascii_case("date")) {
            _ = write!(headers, "date: {date}\r\n");
        }
        for (name, value) in &self.headers {
            _ = write!(headers, "{name}: {value}\r\n");
        }
        let status = self.status;
        let bytes = match spoil {
            None => {
                let shown: String = self.body.chars().take(SHOWN).collect();
                let said = format!("{status} {}", shown.split_whitespace().collect::<Vec<_>>().join(" "));
                return (whole(status, &headers, &self.body), said);
            }
            Some(Spoil::Late | Spoil::Closed) => Vec::new(),
            Some(Spoil::CutOff) => {
                let mut bytes = whole(status, &headers, &format!("{}  ", self.body));
                bytes.truncate(bytes.len() - self.body.len() / 2 - 1);
                bytes
            }
            Some(Spoil::Garbled) => whole(status, &headers, "<html>these are not the answers you expect</html>"),
            Some(Spoil::Empty) => whole(status, &headers, ""),
        };
        (bytes, spoil.map(|spoil| format!("the answer {spoil}")).unwrap_or_default())
    }
}

fn whole(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default();
    let length = body.len();
    format!(
        "HTTP/1.1 {status} {reason}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         connection: close\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}
