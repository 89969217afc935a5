//! Compiling a plugin beside loading it from the cache.

use host_harness::{Host, Limits};

use crate::table::Row;
use crate::times::Pair;
use crate::{artifact, stitch};

const ROUNDS: usize = 11;

pub(crate) async fn rows() -> anyhow::Result<Vec<Row>> {
    let bytes = std::fs::read(artifact::plugin())?;
    let (cached, without) = (stitch::host("load")?, Host::new(Limits::default())?);
    cached.load_bytes(&bytes)?;
    let load = |host: &Host| host.load_bytes(&bytes).map(drop).map_err(anyhow::Error::from);
    let pair = Pair::of(ROUNDS, async || load(&without), async || load(&cached)).await?;
    let figure = "compiling the plugin for Stitch ÷ loading it from the cache";
    Ok(vec![Row::at_least(figure, 100.0, pair.ratio(), pair.shown())])
}
