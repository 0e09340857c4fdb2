mod figures;
mod forms;
mod generated;
mod oracle;
