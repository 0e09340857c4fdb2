mod cost;
mod filters;
mod sorts;
