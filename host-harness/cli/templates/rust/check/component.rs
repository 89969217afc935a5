
impl plugin_guest::contract::Preflight for Plugin {
    fn check(
        connection: Connection,
        parameters: Parameters,
    ) -> Result<Vec<plugin_guest::contract::Finding>, TaskError> {
        crate::check::check(&mut WasiHttp, &connection, &parameters)
    }
}

plugin_guest::export_preflight!(Plugin);
