//! The ceiling of the benchmark: an actix server that answers the bytes of files from memory.
//!
//! `static_handler ADDRESS FILE...` answers each file at `/` and its name.

use std::{env, fs, future::ready, io, path::Path};

use actix_web::{
    App, HttpResponse, HttpServer,
    web::{self, Bytes},
};

#[actix_web::main]
async fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let address = arguments.next().ok_or_else(|| io::Error::other("usage: static_handler ADDRESS FILE..."))?;
    let files = arguments.map(read).collect::<io::Result<Vec<_>>>()?;
    HttpServer::new(move || {
        files.iter().fold(App::new(), |app, (path, bytes)| {
            let bytes = bytes.clone();
            app.route(path, web::get().to(move || ready(answer(bytes.clone()))))
        })
    })
    .bind(address)?
    .run()
    .await
}

fn read(file: String) -> io::Result<(String, Bytes)> {
    let name = Path::new(&file).file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok((format!("/{name}"), fs::read(&file)?.into()))
}

fn answer(bytes: Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(bytes)
}
