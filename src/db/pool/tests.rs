use super::*;

#[tokio::test]
async fn a_read_whose_caller_is_gone_is_not_begun() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = Target::Sqlite(folder.path().join("a.db"));
    let pool = Pool::start("read", &target, 1, Duration::from_secs(5), read_worker).expect("a thread");
    let (began, beginnings) = bounded(8);
    let (go, stop) = bounded::<()>(1);
    let (busy, first) = (pool.clone(), began.clone());
    let slow = tokio::spawn(async move {
        let work: Work<()> = Box::new(move |_| {
            first.send("slow").expect("somebody listens");
            stop.recv().ok();
            Ok(())
        });
        busy.run(work).await
    });
    assert_eq!(
        tokio::task::spawn_blocking({
            let beginnings = beginnings.clone();
            move || beginnings.recv()
        })
        .await
        .expect("a thread"),
        Ok("slow")
    );
    let say = |word: &'static str| -> Work<()> {
        let began = began.clone();
        Box::new(move |_| {
            began.send(word).expect("somebody listens");
            Ok(())
        })
    };
    // Polled once, which puts it into the queue, and dropped.
    let gone = tokio::time::timeout(Duration::ZERO, pool.run(say("gone"))).await;
    assert!(gone.is_err());
    pool.hand(say("handed"));
    go.send(()).expect("the slow one waits");
    pool.run(say("awaited")).await.expect("it is done");
    slow.await.expect("a task").expect("it is done");
    assert_eq!(beginnings.try_iter().collect::<Vec<_>>(), ["handed", "awaited"]);
}

#[tokio::test]
async fn a_refusal_does_not_outlive_the_transaction_that_it_came_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut conn = Target::Sqlite(folder.path().join("a.db")).connect(true).expect("a connection");
    let mut told = async |found: Result<(), ApiError>, commit: Result<(), ApiError>| {
        let (reply, waiting) = oneshot::channel();
        let mut task = Task::new(Box::new(|_| found), Some(reply));
        task.run(&mut conn);
        Box::new(task).answer(commit);
        waiting.await.expect("an answer").map_err(|error| error.code)
    };
    let failed = || Err(ApiError::unavailable("the disk is full"));
    assert_eq!(told(Err(ApiError::taken("code")), Ok(())).await, Err(ProblemCode::AlreadyExists));
    assert_eq!(told(Err(ApiError::taken("code")), failed()).await, Err(ProblemCode::Unavailable));
    assert_eq!(told(Err(ApiError::internal("a fault")), failed()).await, Err(ProblemCode::Internal));
    assert_eq!(told(Ok(()), failed()).await, Err(ProblemCode::Unavailable));
    assert_eq!(told(Ok(()), Ok(())).await, Ok(()));
}
