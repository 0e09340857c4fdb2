//! What the tests stand on: both databases, a server for each test in a province of its own, and clients that speak
//! in sentences.

mod answer;
mod app;
mod client;
mod clock;
pub mod databases;
mod factories;
mod named;
pub mod postgres;
pub mod programme;
pub mod watch;
mod watchdog;

pub use answer::Answer;
pub use app::{TestApp, unique};
pub use client::{Client, Request};
pub use clock::ManualClock;
pub use databases::Backend;
pub use factories::NewNeighborhood;
pub use programme::{Programme, id_of};
pub use watchdog::Folder;

use std::{cell::RefCell, future::Future};

use actix_web::dev::ServerHandle;

/// Declares tests that run on SQLite and on PostgreSQL: `name::sqlite` and `name::postgres`.
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "a scenario may need nothing beside the app")]
            use super::*;

            async fn scenario($app: $crate::support::TestApp) $body

            #[test]
            fn sqlite() {
                $crate::support::run($crate::support::Backend::Sqlite, scenario);
            }

            #[test]
            fn postgres() {
                $crate::support::run($crate::support::Backend::Postgres, scenario);
            }
        }
    )+};
}
pub(crate) use on_both;

/// Runs a scenario on one of the databases; does nothing where PostgreSQL is not installed.
pub fn run<F: Future<Output = ()>>(backend: Backend, scenario: fn(TestApp) -> F) {
    let Some(shared) = databases::shared(backend) else { return };
    in_system(async {
        let app = TestApp::start(shared).await;
        let servers = app.servers();
        scenario(app).await;
        stop(&servers).await;
    });
}

/// Stops the servers of a test.
pub async fn stop(servers: &RefCell<Vec<ServerHandle>>) {
    let running = std::mem::take(&mut *servers.borrow_mut());
    for server in running {
        server.stop(false).await;
    }
}

/// Runs a future as actix does.
pub fn in_system<T>(work: impl Future<Output = T>) -> T {
    actix_web::rt::System::new().block_on(work)
}
