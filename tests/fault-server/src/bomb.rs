use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

/// How long the body of [`Fault::GzipBomb`](crate::Fault::GzipBomb) is once it is decoded, in bytes.
pub const GZIP_BOMB_BYTES: usize = MEMBERS * MEMBER.len();

/// A gzip file may have many members (RFC 1952, section 2.2): one is compressed and sent again and again.
const MEMBERS: usize = 64;
static MEMBER: [u8; 1 << 20] = [0; 1 << 20];

pub(crate) fn gzip() -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&MEMBER)?;
    Ok(encoder.finish()?.repeat(MEMBERS))
}
