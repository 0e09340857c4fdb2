mod cost;
mod figures;
mod forms;
mod generated;
mod oracle;
