mod asked;
mod charts;
mod cost;
mod exact;
mod figures;
mod forms;
mod generated;
mod oracle;
