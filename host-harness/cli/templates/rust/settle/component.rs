
impl plugin_guest::contract::Settlement for Plugin {
    fn settle(
        connection: Connection,
        parameters: Parameters,
        ages_ms: Vec<u64>,
    ) -> Result<Progress, TaskError> {
        crate::settle::settle(&mut WasiHttp, &connection, &parameters, &ages_ms)
    }
}

plugin_guest::export_settlement!(Plugin);
