//! The mock server itself: plays a kit's exchanges on this machine.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::conformance::mock_server::recorded_request::RecordedRequest;
use crate::conformance::mock_server::script::Script;

/// The most bytes of a request that are read.
const LARGEST: usize = 1 << 20;

/// The time limit for requests still on their way.
const STRAGGLERS: Duration = Duration::from_secs(1);

/// A server that plays one script after the other.
#[derive(Debug)]
pub(crate) struct MockServer {
    /// Its URL, without a path.
    pub(crate) url: String,
    played: Arc<Mutex<Played>>,
    server: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Played {
    scene: Script,
    /// Connections that never get an answer.
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
                // The plugin may close its connection.
                tokio::spawn(async move { serve(stream, &played).await });
            }
        });
        Ok(Self { url, played, server })
    }

    /// Sets the next script.
    pub(crate) fn set(&self, scene: Script) {
        *locked(&self.played) = Played { scene, held: Vec::new() };
    }

    /// Waits until this many requests have come, at most [`STRAGGLERS`]: the plugin may give one up before it arrives,
    /// and it must not fall into the next script.
    pub(crate) async fn wait_for(&self, requests: usize) {
        let all_came = async {
            while locked(&self.played).scene.came() < requests {
                sleep(Duration::from_millis(5)).await;
            }
        };
        _ = timeout(STRAGGLERS, all_came).await;
    }

    /// Ends the script: the requests received, and the lines of the script that were not.
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

/// Reads a request to its end.
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
