//! The server of the API: binds an address and serves each connection through a [`Connection`].

use std::{
    future::ready,
    io,
    net::{SocketAddr, TcpListener, ToSocketAddrs},
    time::Duration,
};

use actix_http::{HttpService, Response, body::BoxBody, error::DispatchError};
use actix_server::ServerBuilder;
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::{dev::AppConfig, rt::net::TcpStream, web::Data};
use tokio::net::TcpSocket;

use super::{connection::Connection, timeouts::HEAD_TIMEOUT};
use crate::app::{self, App};

/// Connections that may wait to be taken.
const BACKLOG: u32 = 1024;

/// Makes the server listen at an address; gives the addresses that were bound, with the ports that the system chose.
///
/// # Errors
/// Where none of them can be bound.
pub fn listen(builder: ServerBuilder, app: &Data<App>, address: impl ToSocketAddrs) -> io::Result<(ServerBuilder, Vec<SocketAddr>)> {
    let (mut builder, mut taken, mut failed) = (builder, Vec::new(), io::Error::from(io::ErrorKind::AddrNotAvailable));
    for address in address.to_socket_addrs()? {
        match bound(address) {
            Ok(listener) => {
                taken.push(listener.local_addr()?);
                builder = serve(builder, app, listener)?;
            }
            Err(error) => failed = error,
        }
    }
    if taken.is_empty() { Err(failed) } else { Ok((builder, taken)) }
}

/// A listener whose address a restarted server can bind again at once.
fn bound(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// As `HttpServer` of actix does it, but over [`Connection`]s.
fn serve(builder: ServerBuilder, app: &Data<App>, listener: TcpListener) -> io::Result<ServerBuilder> {
    let (app, stopping) = (app.clone(), builder.graceful_shutdown_signal());
    builder.listen("api", listener, move || {
        let (wired, stopping) = (app.clone(), stopping.clone());
        let wire = fn_service(move |socket: TcpStream| {
            let peer = socket.peer_addr().ok();
            // A socket that refuses this is only a little slower.
            drop(socket.set_nodelay(true));
            ready(Ok::<_, DispatchError>((Connection::new(socket, wired.clone()), peer)))
        });
        let service = app::service(&app).into_factory().map_err(|error| Response::<BoxBody>::from(error.error_response()));
        let http = HttpService::build()
            .on_connect_ext(|connection: &Connection, data| drop(connection.client_gone().and_then(|gone| data.insert(gone))))
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .keep_alive(Duration::from_secs(75))
            .client_request_timeout(HEAD_TIMEOUT)
            .client_disconnect_timeout(Duration::from_secs(5))
            .h1(map_config(service, |()| AppConfig::default()));
        wire.and_then(http)
    })
}
