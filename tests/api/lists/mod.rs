mod cost;
mod filters;
mod memory;
mod sorts;
