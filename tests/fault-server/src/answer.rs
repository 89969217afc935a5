use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufStream};

use crate::connection::{End, Stream};
use crate::request::Request;
use crate::{Fault, bomb};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const HALF: &str = "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nhalf";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
const UNANNOUNCED: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";

/// Answers a request, the `nth` of its connection, as the fault wants. None: the connection goes on.
pub(crate) async fn answer<S: Stream>(
    fault: &Fault,
    request: &Request,
    body: &[u8],
    nth: usize,
    stream: &mut BufStream<S>,
) -> io::Result<Option<End>> {
    let end = match fault {
        Fault::None
        | Fault::OtherName
        | Fault::Expired
        | Fault::NotYetValid
        | Fault::AuthorityAsServer
        | Fault::CloseInHandshake
        | Fault::Alert(_)
        | Fault::PlainHttp
        | Fault::Bytes(_)
        | Fault::Mute
        | Fault::NeverReads
        | Fault::ResetOnAccept
        | Fault::CloseOnAccept
        | Fault::MuteInHandshake
        | Fault::ResetInHandshake
        | Fault::OtherProtocol => send(stream, OK).await?,
        Fault::Echo => {
            let length = request.head.len() + body.len();
            send(stream, format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{}", request.head)).await?;
            send(stream, body).await?
        }

        Fault::MuteAfterRequest => mute(stream).await?,
        Fault::ResetAfterRequest => Some(End::Reset),

        Fault::ResetInHead => send_and(stream, "HTTP/1.1 200 OK\r\ncontent-le", End::Reset).await?,
        Fault::DripHead(interval) => drip(stream, "HTTP/1.1 200 OK\r\nx: ", *interval).await?,
        Fault::EndlessHeaderLine => repeat(stream, "HTTP/1.1 200 OK\r\nx: ", "x").await?,
        Fault::EndlessHeaders => repeat(stream, "HTTP/1.1 200 OK\r\n", "x: x\r\n").await?,
        Fault::LargeHead(kib) => {
            let headers = format!("x: {}\r\n", "x".repeat((kib << 10) / 16 - 5)).repeat(16);
            send(stream, format!("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n{headers}\r\n")).await?
        }
        Fault::ManyHeaders(count) => {
            let headers = "x: x\r\n".repeat(*count);
            send(stream, format!("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n{headers}\r\n")).await?
        }
        Fault::EndlessContinue => repeat(stream, "", "HTTP/1.1 100 Continue\r\n\r\n").await?,
        Fault::EndlessEarlyHints => repeat(stream, "", "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n").await?,
        Fault::Http09 => send_and(stream, "<p>hello</p>\r\n\r\n", End::Close).await?,
        Fault::GarbageStatusLine => send(stream, "HTTP/1.1 2x0 \0\r\ncontent-length: 0\r\n\r\n").await?,
        Fault::ConflictingLengths => {
            send(stream, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok!").await?
        }
        Fault::LengthAndChunks => {
            let head = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n";
            send(stream, head).await?;
            send(stream, "2\r\nok\r\n0\r\n\r\n").await?
        }
        Fault::FoldedHeader => {
            send(stream, "HTTP/1.1 200 OK\r\nx-long: one\r\n  two\r\n\tthree\r\ncontent-length: 2\r\n\r\nok").await?
        }
        Fault::Redirect(to) => {
            send(stream, format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"))
                .await?
        }

        Fault::MuteInBody => {
            send(stream, HALF).await?;
            mute(stream).await?
        }
        Fault::ResetInBody => send_and(stream, HALF, End::Reset).await?,
        Fault::DripBody(interval) => drip(stream, UNANNOUNCED, *interval).await?,
        Fault::ShortBody => send_and(stream, HALF, End::Close).await?,
        Fault::LongBody => {
            let surplus = "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nsmuggled";
            send(stream, format!("{OK}{surplus}")).await?
        }
        Fault::CutOff => send_and(stream, format!("{UNANNOUNCED}ok"), End::Cut).await?,
        Fault::HugeLength => {
            send(stream, format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 1_u64 << 40)).await?
        }
        Fault::EndlessBody => repeat(stream, UNANNOUNCED, "x").await?,
        Fault::HugeChunk => send(stream, format!("{CHUNKED}10000000000000000\r\n")).await?,
        Fault::EndlessChunkSize => repeat(stream, CHUNKED, "0").await?,
        Fault::EndlessChunks => repeat(stream, CHUNKED, "1\r\nx\r\n").await?,
        Fault::ManyChunks(count) => {
            send(stream, CHUNKED).await?;
            for _ in 0..*count {
                stream.write_all(b"1\r\nx\r\n").await?;
            }
            send(stream, "0\r\n\r\n").await?
        }
        Fault::EndlessChunkExtension => repeat(stream, &format!("{CHUNKED}1;"), "x").await?,
        Fault::EndlessTrailers => repeat(stream, &format!("{CHUNKED}0\r\n"), "x: x\r\n").await?,
        Fault::GzipBomb => {
            let bomb = bomb::gzip()?;
            let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", bomb.len());
            send(stream, head).await?;
            send(stream, bomb).await?
        }

        Fault::CloseAfterAnswer => send_and(stream, OK, End::Close).await?,
        Fault::CloseOnSecondRequest if nth == 0 => send(stream, OK).await?,
        Fault::CloseOnSecondRequest | Fault::CloseAfterRequest => Some(End::Close),
    };
    Ok(end)
}

async fn send<S: Stream>(stream: &mut BufStream<S>, bytes: impl AsRef<[u8]>) -> io::Result<Option<End>> {
    stream.write_all(bytes.as_ref()).await?;
    stream.flush().await?;
    Ok(None)
}

async fn send_and<S: Stream>(stream: &mut BufStream<S>, bytes: impl AsRef<[u8]>, end: End) -> io::Result<Option<End>> {
    send(stream, bytes).await?;
    Ok(Some(end))
}

/// Sends this again and again, until the client hangs up.
async fn repeat<S: Stream>(stream: &mut BufStream<S>, start: &str, piece: &str) -> io::Result<Option<End>> {
    send(stream, start).await?;
    let pieces = piece.repeat(4096_usize.div_ceil(piece.len()));
    loop {
        send(stream, &pieces).await?;
    }
}

/// Sends one byte in each interval, until the client hangs up.
async fn drip<S: Stream>(stream: &mut BufStream<S>, start: &str, interval: Duration) -> io::Result<Option<End>> {
    send(stream, start).await?;
    loop {
        tokio::time::sleep(interval).await;
        send(stream, "x").await?;
    }
}

/// Says nothing, until the client hangs up.
pub(crate) async fn mute<S: Stream>(stream: &mut S) -> io::Result<Option<End>> {
    let mut unread = [0; 1024];
    while stream.read(&mut unread).await? > 0 {}
    Ok(Some(End::Close))
}
