mod declined;
mod fields;
mod lifecycle;
mod moves;
