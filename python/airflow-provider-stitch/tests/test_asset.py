import pytest
from airflow.models.asset import AssetDagRunQueue, AssetEvent
from airflow.utils.session import create_session
from assets import FAILING, LOADING
from simulator import LOADS
from sqlalchemy import delete, select


@pytest.mark.usefixtures("stitch")
def test_a_source_that_was_loaded_is_an_event_which_says_of_what_and_starts_whoever_is_scheduled_by_it() -> None:
    LOADING.test()
    with create_session() as session:
        event = session.scalars(select(AssetEvent)).one()
        assert event.source_dag_id == "loads"
        assert event.extra["verdict"] == "succeeded"
        assert event.extra["source_id"] == LOADS
        assert session.scalars(select(AssetDagRunQueue.target_dag_id)).all() == ["reports"]
        session.execute(delete(AssetEvent))
    FAILING.test()
    with create_session() as session:
        assert session.scalars(select(AssetEvent)).all() == []
