
impl plugin_guest::contract::Batch for Plugin {
    fn poll_many(
        connection: Connection,
        runs: Vec<plugin_guest::contract::WaitingRun>,
    ) -> Vec<Result<Progress, TaskError>> {
        crate::poll_many::poll_many(&mut WasiHttp, &connection, &runs)
    }
}

plugin_guest::export_batch!(Plugin);
