//! Requests that the mock server received.

/// A request received, and its answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct RecordedRequest {
    pub(crate) method: String,
    /// The path with its query.
    pub(crate) target: String,
    /// Its headers, as names and values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// Its position in the script. None if the script does not have it, or not any more.
    pub(crate) at: Option<usize>,
    /// A summary of the answer.
    pub(crate) answer: String,
}

impl RecordedRequest {
    /// The request and the answer in one line.
    pub(crate) fn line(&self) -> String {
        format!("{} {} -> {}", self.method, self.target, self.answer)
    }

    /// Parses a request. None if it is incomplete; an error if it is not HTTP.
    pub(crate) fn read(bytes: &[u8]) -> Result<Option<Self>, httparse::Error> {
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut request = httparse::Request::new(&mut headers);
        let httparse::Status::Complete(head) = request.parse(bytes)? else { return Ok(None) };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let header = |name: &str| request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        let length = header("content-length").and_then(|header| str::from_utf8(header.value).ok()?.parse().ok());
        let rest = &bytes[head..];
        let body = match header("transfer-encoding") {
            Some(_) => unchunked(rest),
            None => rest.get(..length.unwrap_or(0_usize)).map(<[u8]>::to_vec),
        };
        let headers = request.headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect();
        let (method, target) = (request.method.unwrap_or_default(), request.path.unwrap_or_default());
        Ok(body.map(|body| Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers,
            body: text(&body),
            ..Self::default()
        }))
    }
}

/// Decodes a chunked body (RFC 9112, section 7.1). None if the last chunk has not come.
fn unchunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let Ok(httparse::Status::Complete((at, size))) = httparse::parse_chunk_size(bytes) else { return None };
        let end = at.saturating_add(usize::try_from(size).ok()?);
        body.extend_from_slice(bytes.get(at..end)?);
        bytes = bytes.get(end.saturating_add(2)..)?;
        if size == 0 {
            return Some(body);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(request: &str) -> Option<String> {
        RecordedRequest::read(request.as_bytes()).unwrap().map(|seen| seen.body)
    }

    #[test]
    fn a_request_is_read_once_all_of_its_body_has_come() {
        let head = "POST /jobs HTTP/1.1\r\nContent-Length: 4\r\n\r\n";
        assert_eq!(body(head), None);
        assert_eq!(body(&format!("{head}abcd")).as_deref(), Some("abcd"));
        assert_eq!(body("GET / HTTP/1.1\r\n\r\n").as_deref(), Some(""));
        let endless = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\nabcd", usize::MAX);
        assert_eq!(body(&endless), None);
        assert!(RecordedRequest::read(b"\0").is_err());
    }

    #[test]
    fn a_chunked_body_is_read_whole() {
        let head = "POST /jobs HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n";
        assert_eq!(body(head), None);
        assert_eq!(body(&format!("{head}1\r\nc\r\n0\r\n\r\n")).as_deref(), Some("abc"));
        assert_eq!(body(&format!("{head}ffffffffffffffff\r\nc\r\n")), None);
    }
}
