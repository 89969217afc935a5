use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use http::HeaderValue;
use http::header::DATE;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use crate::hook::Hook;
use crate::{Answer, Budget, ClientId, Delivery, Fault, RecordedRequest, Request, Route, World};

/// The most requests that are recorded; then the oldest are dropped.
const MOST_RECORDED: usize = 100_000;

type Rewrite = Box<dyn FnMut(Route, &mut Answer) + Send>;

/// The service: a world with faults, hooks, rewritten answers and a record of the requests. Pure, like the world: the
/// simulator's answers without sockets.
#[derive(Default)]
pub struct Service {
    world: World,
    faults: Vec<Fault>,
    hooks: Vec<Hook>,
    rewrites: Vec<Rewrite>,
    requests: VecDeque<RecordedRequest>,
}

/// A reply: an answer, its delay and its delivery.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The answer.
    pub answer: Answer,
    /// The delay, in real time.
    pub delay: Duration,
    /// The delivery.
    pub delivery: Delivery,
}

impl Service {
    /// Serves this world.
    pub fn new(world: World) -> Self {
        Self { world, ..Self::default() }
    }

    /// The world at `now`.
    pub fn world_at(&mut self, now: Timestamp) -> &mut World {
        self.world.advance_to(now);
        &mut self.world
    }

    /// Adds a fault. If several apply to a request, the first one counts.
    pub fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Changes the world right before the `nth` request to an endpoint from now on (1: the next) is answered.
    pub fn before(&mut self, route: Route, nth: usize, change: impl FnOnce(&mut World) + Send + 'static) {
        self.hooks.push(Hook::new(route, nth, change));
    }

    /// Changes every answer from now on, whether the world's or a fault's. See [`departures`](crate::departures) for some
    /// that are ready.
    pub fn rewrite(&mut self, rewrite: impl FnMut(Route, &mut Answer) + Send + 'static) {
        self.rewrites.push(Box::new(rewrite));
    }

    /// The last 100,000 requests, the earliest first.
    pub fn requests(&self) -> impl Iterator<Item = &RecordedRequest> {
        self.requests.iter()
    }

    /// An account's requests against its rate limit.
    pub fn budget(&self, client_id: ClientId) -> Budget {
        let charged = self.requests.iter().filter(|request| request.target.charged_to() == Some(client_id));
        Budget::of(&charged.map(|request| request.at).collect::<Vec<_>>())
    }

    /// Serves a request that comes in at `now`.
    pub fn serve(&mut self, now: Timestamp, request: Request) -> Reply {
        let route = request.target.route();
        self.world.advance_to(now);
        for hook in self.hooks.extract_if(.., |hook| hook.is_due(route)) {
            hook.run(&mut self.world);
        }
        let fault = self.faults.iter_mut().find_map(|fault| fault.strikes(route).then(|| fault.clone()));
        let fault = fault.unwrap_or_else(Fault::anywhere);
        let mut answer = if fault.has_effect() {
            self.world.answer(now, &request)
        } else {
            self.world.clone().answer(now, &request)
        };
        if let Some(instead) = fault.answer_instead() {
            answer = instead.clone();
        }
        if let Some(date) = http_date(now) {
            answer.headers.insert(DATE, date);
        }
        for rewrite in &mut self.rewrites {
            rewrite(route, &mut answer);
        }
        self.record(RecordedRequest { at: now, request });
        Reply { answer, delay: fault.delay_of_answer(), delivery: fault.delivery() }
    }

    fn record(&mut self, request: RecordedRequest) {
        if self.requests.len() == MOST_RECORDED {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { world, faults, hooks, requests, .. } = self;
        let mut debug = formatter.debug_struct("Service");
        debug.field("world", world).field("faults", faults).field("hooks", hooks).field("requests", requests);
        debug.finish_non_exhaustive()
    }
}

/// The `Date` header of an answer: RFC 9110, section 6.6.1.
fn http_date(now: Timestamp) -> Option<HeaderValue> {
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now).ok()?;
    HeaderValue::try_from(date).ok()
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::{Body, ErrorBody};

    const TOKEN: &str = "token";

    fn service() -> Service {
        let mut world = World::new();
        world.account(1, TOKEN).with_sources([12]);
        Service::new(world)
    }

    fn serve(service: &mut Service, request: &str) -> Reply {
        let (method, path) = request.split_once(' ').unwrap();
        let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, format!("Bearer {TOKEN}").parse().unwrap())]);
        service.serve(World::START, Request::new(method.parse().unwrap(), path, headers))
    }

    fn status(service: &mut Service, request: &str) -> u16 {
        serve(service, request).answer.status.as_u16()
    }

    fn is_running(service: &mut Service) -> bool {
        service.world_at(World::START).source(12).running_job().is_some()
    }

    #[test]
    fn a_fault_is_for_its_endpoint_and_as_often_as_told() {
        let mut service = service();
        service.fault(Fault::on(Route::ReadSource).skip(1).times(2).status(StatusCode::BAD_GATEWAY));
        assert_eq!(status(&mut service, "GET /v4/1/loads"), 200);
        let statuses = [(); 4].map(|()| status(&mut service, "GET /v4/sources/12"));
        assert_eq!(statuses, [200, 502, 502, 200]);
    }

    #[test]
    fn a_fault_anywhere_strikes_the_next_request() {
        let mut service = service();
        service.fault(Fault::anywhere().answer(ErrorBody::Bare("no".to_owned()).with_status(StatusCode::BAD_REQUEST)));
        let reply = serve(&mut service, "GET /v4/1/loads");
        assert_eq!(reply.answer.body, Body::Json("no".into()));
        assert_eq!(status(&mut service, "GET /v4/1/loads"), 200);
    }

    #[test]
    fn an_answer_that_is_lost_can_have_had_its_effect() {
        let mut service = service();
        service.fault(Fault::on(Route::StartJob).reset());
        assert_eq!(serve(&mut service, "POST /v4/sources/12/sync").delivery, Delivery::Reset);
        assert!(is_running(&mut service));
    }

    #[test]
    fn a_request_that_is_lost_has_no_effect() {
        for fault in [
            Fault::on(Route::StartJob).reset().without_effect(),
            Fault::on(Route::StartJob).truncated().without_effect(),
            Fault::on(Route::StartJob).status(StatusCode::BAD_GATEWAY),
        ] {
            let mut service = service();
            service.fault(fault.clone());
            serve(&mut service, "POST /v4/sources/12/sync");
            assert!(!is_running(&mut service), "{fault:?}");
        }
    }

    #[test]
    fn an_error_can_follow_the_effect() {
        let mut service = service();
        service.fault(Fault::on(Route::StartJob).status(StatusCode::BAD_GATEWAY).with_effect());
        assert_eq!(status(&mut service, "POST /v4/sources/12/sync"), 502);
        assert!(is_running(&mut service));
    }

    #[test]
    fn a_hook_changes_the_world_before_its_request() {
        let mut service = service();
        service.before(Route::ListExtractions, 2, |world| {
            world.account(1, TOKEN).with_sources([3]);
        });
        let rows = [(); 3].map(|()| serve(&mut service, "GET /v4/1/extractions").answer.rows_mut().count());
        assert_eq!(rows, [1, 2, 2]);
    }

    #[test]
    fn departures_change_what_they_say() {
        use crate::departures as d;
        let row_with = |departure: fn(Route, &mut Answer)| {
            let mut service = service();
            service.rewrite(departure);
            let mut answer = serve(&mut service, "GET /v4/1/extractions").answer;
            (answer.json_mut().unwrap().take(), answer.headers)
        };
        let (page, _) = row_with(d::without_total_and_links);
        assert_eq!(page.as_object().unwrap().keys().collect::<Vec<_>>(), ["data", "page"]);
        let (page, _) = row_with(d::ids_as_text);
        assert_eq!((&page["data"][0]["source_id"], &page["data"][0]["stitch_client_id"]), (&"12".into(), &"1".into()));
        let (page, _) = row_with(d::tap_name);
        assert_eq!((&page["data"][0]["tap_name"], page["data"][0].get("source_type")), (&"tap-hubspot".into(), None));
        let (page, _) = row_with(d::unknown_fields);
        assert!(page["brand_new"].is_object() && page["data"][0]["brand_new"].is_object());
        let (page, _) = row_with(d::random_job_names);
        let name = page["data"][0]["job_name"].as_str().unwrap();
        assert_eq!(uuid::Uuid::parse_str(&name["1.12.sync.".len()..]).unwrap().get_version_num(), 4);
        assert!(!row_with(d::without_date).1.contains_key(DATE));
    }

    #[test]
    fn answers_are_dated_by_the_simulated_clock() {
        let reply = serve(&mut service(), "GET /nowhere");
        assert_eq!(reply.answer.headers[DATE], "Mon, 05 Jan 2026 09:00:00 GMT");
    }

    #[test]
    fn only_the_jobs_resource_costs_budget() {
        let mut service = service();
        let requests = [
            ("POST /v4/sources/12/sync", 0),
            ("DELETE /v4/sources/12/sync", 0),
            ("GET /v4/sources/12", 0),
            ("GET /v4/sources/12/streams", 0),
            ("GET /v4/1/extractions?page=1", 1),
            ("GET /v4/1/extractions/1.12.sync.x", 2),
            ("GET /v4/1/loads", 3),
            ("GET /v4/2/loads", 3),
        ];
        for (request, cost) in requests {
            serve(&mut service, request);
            assert_eq!(service.budget(ClientId(1)).requests, cost, "{request}");
        }
    }

    #[test]
    fn debug_shows_no_token() {
        let mut service = service();
        serve(&mut service, "GET /v4/1/loads");
        let debug = format!("{service:?}");
        assert!(debug.contains("/v4/1/loads") && !debug.contains("Bearer token"), "{debug}");
    }
}
