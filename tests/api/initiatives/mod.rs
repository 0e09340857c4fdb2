mod delete;
mod fields;
mod lifecycle;
mod moves;
mod races;
mod story;
