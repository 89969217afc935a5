//! Scripts of the mock server. Answers are written by hand, because some must be invalid.

use std::fmt::Write;

use http::StatusCode;

use crate::conformance::kit::exchange::Exchange;
use crate::conformance::kit::file::Kit;
use crate::conformance::mock_server::recorded_request::RecordedRequest;
use crate::conformance::mock_server::response_fault::ResponseFault;

/// The most characters of an answer that are shown.
const SHOWN: usize = 160;

/// A script, and its state.
#[derive(Debug, Default)]
pub(crate) struct Script {
    exchanges: Vec<Exchange>,
    spoiled: Option<(usize, ResponseFault)>,
    date: String,
    played: Vec<bool>,
    seen: Vec<RecordedRequest>,
}

impl Script {
    /// A new script, optionally with a fault in one of its answers.
    pub(crate) fn new(kit: &Kit, script: &[Exchange], spoiled: Option<(usize, ResponseFault)>) -> Self {
        let fill = |exchange: &Exchange| Exchange {
            body: kit.fill(&exchange.body),
            headers: exchange.headers.iter().map(|(name, value)| (name.clone(), kit.fill(value))).collect(),
            ..exchange.clone()
        };
        Self {
            exchanges: script.iter().map(fill).collect(),
            spoiled,
            date: kit.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
            played: vec![false; script.len()],
            seen: Vec::new(),
        }
    }

    /// The answer's bytes, empty if the connection is closed instead. None if it never comes.
    pub(crate) fn answer(&mut self, request: RecordedRequest) -> Option<Vec<u8>> {
        let fits = |at: &usize| self.exchanges[*at].request.fits(&request.method, &request.target);
        let open = |at: &usize| !self.played[*at] || self.exchanges[*at].repeats;
        let at = (0..self.exchanges.len()).filter(fits).find(open);
        let fault = self.spoiled.filter(|(spoiled, _)| Some(*spoiled) == at).map(|(_, fault)| fault);
        let (bytes, answer) = match at {
            None => (whole(404, "", "{}"), "404: the kit has no such request here".to_owned()),
            Some(at) => {
                self.played[at] = true;
                self.exchanges[at].answered(fault, &self.date)
            }
        };
        self.seen.push(RecordedRequest { at, answer, ..request });
        (fault != Some(ResponseFault::Late)).then_some(bytes)
    }

    /// The number of requests received.
    pub(crate) fn came(&self) -> usize {
        self.seen.len()
    }

    /// The requests received, and the lines of the script that were not.
    pub(crate) fn end(self) -> (Vec<RecordedRequest>, Vec<String>) {
        let left = self
            .exchanges
            .iter()
            .zip(&self.played)
            .filter(|(exchange, played)| !**played && !exchange.may_be_left_out());
        let left = left.map(|(exchange, _)| exchange.request.text.clone()).collect();
        (self.seen, left)
    }
}

impl Exchange {
    /// The answer, and its summary.
    fn answered(&self, fault: Option<ResponseFault>, date: &str) -> (Vec<u8>, String) {
        let own = |name: &str| self.headers.keys().any(|own| own.eq_ignore_ascii_case(name));
        let mut headers = String::new();
        for (name, value) in [("content-type", "application/json"), ("date", date)] {
            if !own(name) {
                _ = write!(headers, "{name}: {value}\r\n");
            }
        }
        for (name, value) in &self.headers {
            _ = write!(headers, "{name}: {value}\r\n");
        }
        let status = self.status;
        let Some(fault) = fault else {
            let shown: String = self.body.chars().take(SHOWN).collect();
            let said = format!("{status} {}", shown.split_whitespace().collect::<Vec<_>>().join(" "));
            return (whole(status, &headers, &self.body), said);
        };
        let bytes = match fault.body() {
            Some(body) => whole(status, &headers, body),
            None if fault == ResponseFault::CutOff => {
                let mut bytes = whole(status, &headers, &format!("{}  ", self.body));
                bytes.truncate(bytes.len() - self.body.len() / 2 - 1);
                bytes
            }
            None => Vec::new(),
        };
        (bytes, format!("the answer {fault}"))
    }
}

fn whole(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default();
    let length = body.len();
    format!("HTTP/1.1 {status} {reason}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}")
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::sample;

    /// A script of one situation with these exchanges.
    fn scene(exchanges: &str, spoiled: Option<(usize, ResponseFault)>) -> Script {
        let text = format!("[[situation]]\nname = 'a'\ncall = 'trigger'\nresult = 'running'\n{exchanges}");
        let kit = sample::kit(&text);
        Script::new(&kit, &kit.situations[0].exchanges, spoiled)
    }

    fn asked(scene: &mut Script, request: &str) -> Option<String> {
        let (method, target) = request.split_once(' ').unwrap();
        let seen =
            RecordedRequest { method: method.to_owned(), target: target.to_owned(), ..RecordedRequest::default() };
        scene.answer(seen).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    const LOOK: &str = "[[situation.exchange]]\nrequest = 'GET /jobs'\nbody = '{\"id\": 7}'\n";

    #[test]
    fn each_exchange_is_played_once_unless_it_repeats() {
        let mut scene = scene(&format!("{LOOK}[[situation.exchange]]\nrequest = 'GET /log'\nrepeats = true\n"), None);
        let mut status = |request| asked(&mut scene, request).unwrap()[9..12].to_owned();
        let statuses = ["GET /jobs", "GET /jobs", "GET /log", "GET /log", "PUT /jobs"].map(&mut status);
        assert_eq!(statuses, ["200", "404", "200", "200", "404"]);
        let (seen, left) = scene.end();
        assert_eq!(seen.iter().map(|seen| seen.at).collect::<Vec<_>>(), [Some(0), None, Some(1), Some(1), None]);
        assert_eq!((seen[0].line(), left), (r#"GET /jobs -> 200 {"id": 7}"#.to_owned(), Vec::<String>::new()));
    }

    #[test]
    fn an_optional_exchange_comes_once_or_never() {
        let look = format!("{LOOK}optional = true\n");
        assert_eq!(scene(&look, None).end().1, [""; 0]);
        let mut scene = scene(&look, None);
        let statuses = ["GET /jobs", "GET /jobs"].map(|request| asked(&mut scene, request).unwrap()[9..12].to_owned());
        assert_eq!(statuses, ["200", "404"]);
    }

    #[test]
    fn what_never_came_is_left_unless_it_repeats() {
        let scene = scene(&format!("{LOOK}[[situation.exchange]]\nrequest = 'GET /log'\nrepeats = true\n"), None);
        assert_eq!(scene.end().1, ["GET /jobs"]);
    }

    #[test]
    fn a_spoiled_answer_goes_wrong_in_its_own_way() {
        let spoiled = |fault| asked(&mut scene(LOOK, Some((0, fault))), "GET /jobs");
        assert_eq!(spoiled(ResponseFault::Late), None);
        assert_eq!(spoiled(ResponseFault::Closed).as_deref(), Some(""));
        let cut = spoiled(ResponseFault::CutOff).unwrap();
        assert!(cut.contains("content-length: 11\r\n") && cut.ends_with("\r\n\r\n{\"id\":"), "{cut}");
        for (fault, end) in [
            (ResponseFault::Empty, "\r\n\r\n"),
            (ResponseFault::Object, "\r\n\r\n{}"),
            (ResponseFault::Null, "\r\n\r\nnull"),
        ] {
            assert!(spoiled(fault).unwrap().ends_with(end), "{fault}");
        }
    }

    #[test]
    fn a_header_of_the_kits_own_stands_in_the_place_of_the_servers() {
        let own = format!("{LOOK}headers = {{ Content-Type = 'text/html' }}\n");
        let answer = asked(&mut scene(&own, None), "GET /jobs").unwrap();
        assert!(answer.contains("Content-Type: text/html\r\n") && !answer.contains("application/json"), "{answer}");
    }
}
