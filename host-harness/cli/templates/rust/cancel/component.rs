
impl plugin_guest::contract::Cancellation for Plugin {
    fn cancel(
        connection: Connection,
        parameters: Parameters,
        run: Run,
    ) -> Result<Progress, TaskError> {
        crate::cancel::cancel(&mut WasiHttp, &connection, &parameters, &run)
    }
}

plugin_guest::export_cancellation!(Plugin);
