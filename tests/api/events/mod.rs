mod chain;
mod feed;
mod record;
