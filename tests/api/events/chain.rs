use std::future::IntoFuture;

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};
use futures_util::future::join_all;
use mahalleh::{
    db::schema::events::dsl,
    events::{self, ChainState},
};

use crate::support::{TestApp, on_both};

async fn seal(app: &TestApp) {
    events::seal_province(&app.app, app.province_id).await.expect("the events are sealed");
}

async fn verdict(app: &TestApp) -> ChainState {
    let province = app.province_id;
    app.read(move |conn| events::verify(conn, province)).await
}

on_both! {
    async fn events_get_their_place_when_they_are_sealed(app: TestApp) {
        let before = match verdict(&app).await {
            ChainState::Sound { events: 0, unsealed } => unsealed,
            other => panic!("{other:?}"),
        };
        for _ in 0..3 {
            app.neighborhood().make().await;
        }
        assert_eq!(verdict(&app).await, ChainState::Sound { events: 0, unsealed: before + 3 });
        seal(&app).await;
        assert_eq!(verdict(&app).await, ChainState::Sound { events: before + 3, unsealed: 0 });
        app.neighborhood().make().await;
        seal(&app).await;
        assert_eq!(verdict(&app).await, ChainState::Sound { events: before + 4, unsealed: 0 });
    }

    async fn sealers_and_writers_side_by_side_make_one_chain_without_gaps(app: TestApp) {
        let office = app.province().await;
        let writes = (0..40).map(|_| office.post("/neighborhoods", app.neighborhood().body()).into_future());
        let seals = async {
            for _ in 0..20 {
                join_all((0..3).map(|_| seal(&app))).await;
            }
        };
        let (answers, ()) = tokio::join!(join_all(writes), seals);
        assert!(answers.iter().all(|answer| answer.status == 201));
        seal(&app).await;
        let province = app.province_id;
        let seqs: Vec<Option<i64>> = app.read(move |conn| Ok(dsl::events.filter(dsl::province_id.eq(province)).order(dsl::seq).select(dsl::seq).load(conn)?)).await;
        assert_eq!(seqs, (1..=seqs.len()).map(|seq| i64::try_from(seq).ok()).collect::<Vec<_>>());
        assert!(matches!(verdict(&app).await, ChainState::Sound { unsealed: 0, .. }));
    }

    async fn what_is_changed_or_removed_shows(app: TestApp) {
        for _ in 0..4 {
            app.neighborhood().make().await;
        }
        seal(&app).await;
        let ChainState::Sound { events: last, .. } = verdict(&app).await else { panic!("sound so far") };
        let province = app.province_id;
        let own = move |seq: i64| dsl::events.filter(dsl::province_id.eq(province).and(dsl::seq.eq(seq)));
        let reason: Option<String> = app.read(move |conn| Ok(own(2).select(dsl::reason).first(conn)?)).await;
        app.write(move |conn| Ok(diesel::update(own(2)).set(dsl::reason.eq("another")).execute(conn)?)).await;
        assert_eq!(verdict(&app).await, ChainState::Broken { seq: 2 });
        app.write(move |conn| Ok(diesel::update(own(2)).set(dsl::reason.eq(reason)).execute(conn)?)).await;
        assert!(matches!(verdict(&app).await, ChainState::Sound { .. }));
        app.write(move |conn| Ok(diesel::delete(own(last)).execute(conn)?)).await;
        assert_eq!(verdict(&app).await, ChainState::Broken { seq: last });
        app.write(move |conn| Ok(diesel::delete(own(1)).execute(conn)?)).await;
        assert_eq!(verdict(&app).await, ChainState::Broken { seq: 1 });
    }
}
