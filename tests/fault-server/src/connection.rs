use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::Fault;
use crate::answer::{answer, mute};
use crate::counts::Ledger;
use crate::request::Request;

/// TCP, or TLS over it.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// As it should: over TLS with `close_notify`.
    Close,
    /// At the level of TCP only.
    Cut,
    /// With a TCP reset.
    Reset,
}

/// A handshake record that announces 74 bytes and a `ServerHello` of 70, and has 6 of them (RFC 8446, section 4).
const HALF_A_SERVER_HELLO: &[u8] = &[22, 3, 3, 0, 74, 2, 0, 0, 70, 3, 3];

/// Does the fault to a connection, to its end.
pub(crate) async fn serve(
    mut tcp: TcpStream,
    tls: Option<TlsAcceptor>,
    fault: &Fault,
    ledger: &Ledger,
) -> io::Result<()> {
    let _open = ledger.open();
    // Without it answers on loopback wait for delayed acknowledgements.
    tcp.set_nodelay(true)?;
    if let Some(end) = before_requests(&mut tcp, tls.is_some(), fault).await? {
        return finish(&tcp, end);
    }
    let Some(tls) = tls else {
        let mut stream = BufStream::new(tcp);
        let end = requests(&mut stream, fault, ledger).await?;
        return finish(stream.get_ref(), end);
    };
    let stream = tls.accept(tcp).await?;
    if *fault == Fault::NeverReads {
        std::future::pending::<()>().await;
    }
    let mut stream = BufStream::new(stream);
    let end = requests(&mut stream, fault, ledger).await?;
    if end == End::Close {
        stream.shutdown().await?;
    }
    finish(stream.get_ref().get_ref().0, end)
}

/// The faults that come before any handshake or request is done. None: there are none.
async fn before_requests(tcp: &mut TcpStream, tls: bool, fault: &Fault) -> io::Result<Option<End>> {
    match fault {
        Fault::Mute => mute(tcp).await,
        // Without a handshake there is nothing to read.
        Fault::NeverReads if !tls => std::future::pending().await,
        Fault::ResetOnAccept => Ok(Some(End::Reset)),
        Fault::CloseOnAccept => Ok(Some(End::Close)),
        Fault::MuteInHandshake | Fault::ResetInHandshake => {
            if tcp.read(&mut [0; 4096]).await? == 0 {
                return Ok(Some(End::Close));
            }
            tcp.write_all(HALF_A_SERVER_HELLO).await?;
            if *fault == Fault::ResetInHandshake { Ok(Some(End::Reset)) } else { mute(tcp).await }
        }
        Fault::CloseInHandshake | Fault::Alert(_) | Fault::PlainHttp | Fault::Bytes(_) => {
            if tcp.read(&mut [0; 4096]).await? == 0 {
                return Ok(Some(End::Close));
            }
            match fault {
                // A record of one alert, fatal (RFC 8446, section 6).
                Fault::Alert(alert) => tcp.write_all(&[21, 3, 3, 0, 2, 2, *alert]).await?,
                Fault::PlainHttp => tcp.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await?,
                Fault::Bytes(bytes) => tcp.write_all(bytes).await?,
                _ => {}
            }
            Ok(Some(End::Close))
        }
        Fault::OtherProtocol => {
            tcp.write_all(b"220 mail.example ESMTP\r\n").await?;
            mute(tcp).await
        }
        _ => Ok(None),
    }
}

/// Answers requests until the client hangs up or the fault ends the connection.
async fn requests<S: Stream>(stream: &mut BufStream<S>, fault: &Fault, ledger: &Ledger) -> io::Result<End> {
    let mut nth = 0;
    while let Some(request) = Request::read(stream).await? {
        ledger.request(&request.head);
        let body = request.body(stream).await?;
        if let Some(end) = answer(fault, &request, &body, nth, stream).await? {
            return Ok(end);
        }
        nth += 1;
    }
    Ok(End::Close)
}

fn finish(tcp: &TcpStream, end: End) -> io::Result<()> {
    if end == End::Reset {
        // Closing without lingering is what sends a reset.
        tcp.set_zero_linger()?;
    }
    Ok(())
}
