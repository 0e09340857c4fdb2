mod ask;
mod decide;
