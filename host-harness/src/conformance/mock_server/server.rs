//! The tool, as a situation has it: a server on this machine that plays a kit's exchanges.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::conformance::mock_server::recorded_request::RecordedRequest;
use crate::conformance::mock_server::script::Script;

/// The most that is read of a request, in bytes.
const LARGEST: usize = 1 << 20;

/// How long a request may be on its way.
const STRAGGLERS: Duration = Duration::from_secs(1);

/// A server that plays one scene after the other.
#[derive(Debug)]
pub(crate) struct MockServer {
    /// Where it is, as a URL without a path.
    pub(crate) url: String,
    played: Arc<Mutex<Played>>,
    server: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Played {
    scene: Script,
    /// Connections whose answers never come.
    held: Vec<TcpStream>,
}

impl MockServer {
    /// Listens on a port of the system's choice.
    pub(crate) async fn open() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let played = Arc::<Mutex<Played>>::default();
        let shared = Arc::clone(&played);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let played = Arc::clone(&shared);
                // A peer that goes away is the plugin's affair.
                tokio::spawn(async move { serve(stream, &played).await });
            }
        });
        Ok(Self { url, played, server })
    }

    /// Sets the next scene.
    pub(crate) fn set(&self, scene: Script) {
        *locked(&self.played) = Played { scene, held: Vec::new() };
    }

    /// Waits until so many requests have come, but no longer than [`STRAGGLERS`]: the plugin may give one up before it arrives,
    /// and it must not come in the next scene.
    pub(crate) async fn wait_for(&self, requests: usize) {
        let all_came = async {
            while locked(&self.played).scene.came() < requests {
                sleep(Duration::from_millis(5)).await;
            }
        };
        _ = timeout(STRAGGLERS, all_came).await;
    }

    /// Ends the scene: what was requested, and what of it never was.
    pub(crate) fn end(&self) -> (Vec<RecordedRequest>, Vec<String>) {
        std::mem::take(&mut *locked(&self.played)).scene.end()
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn locked(played: &Mutex<Played>) -> MutexGuard<'_, Played> {
    played.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads one request and answers it. None: the peer went away, or sent no HTTP.
async fn serve(mut stream: TcpStream, played: &Mutex<Played>) -> Option<()> {
    let request = read(&mut stream).await?;
    let answer = locked(played).scene.answer(request);
    let Some(bytes) = answer else {
        locked(played).held.push(stream);
        return None;
    };
    stream.write_all(&bytes).await.ok()?;
    stream.shutdown().await.ok()
}

/// A request, once all of it has come.
async fn read(stream: &mut TcpStream) -> Option<RecordedRequest> {
    let mut bytes = Vec::new();
    loop {
        if bytes.len() > LARGEST || stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        if let Some(request) = RecordedRequest::read(&bytes).ok()? {
            return Some(request);
        }
    }
}
