use std::io;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufStream};

use crate::connection::Stream;

/// The most that is read of a head or a body.
const LARGEST: u64 = 16 << 20;

/// A request as it came.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) head: String,
}

impl Request {
    /// Reads the next head. None: the client has hung up.
    pub(crate) async fn read<S: Stream>(stream: &mut BufStream<S>) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        let mut limited = stream.take(LARGEST);
        while !head.ends_with(b"\r\n\r\n") {
            if limited.read_until(b'\n', &mut head).await? == 0 {
                return Ok(None);
            }
        }
        Ok(Some(Self { head: String::from_utf8_lossy(&head).into_owned() }))
    }

    /// Reads the body that the head announces.
    pub(crate) async fn body<S: Stream>(&self, stream: &mut BufStream<S>) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        if let Some(length) = self.header("content-length") {
            let length: u64 = length.parse().map_err(io::Error::other)?;
            stream.take(length.min(LARGEST)).read_to_end(&mut body).await?;
        } else if self.header("transfer-encoding").is_some() {
            loop {
                let mut size = String::new();
                stream.take(LARGEST).read_line(&mut size).await?;
                let size = u64::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
                stream.take(size.min(LARGEST)).read_to_end(&mut body).await?;
                stream.take(LARGEST).read_line(&mut String::new()).await?;
                if size == 0 || body.len() as u64 > LARGEST {
                    break;
                }
            }
        }
        Ok(body)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (given, value) = line.split_once(':')?;
            given.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}
