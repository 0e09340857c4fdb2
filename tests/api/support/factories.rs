//! Things to test with, made through the API as the province's office makes them.

use serde_json::{Map, Value, json};

use super::{Answer, TestApp, app::unique};

/// A neighbourhood to be.
pub struct NewNeighborhood<'a> {
    app: &'a TestApp,
    fields: Map<String, Value>,
}

impl TestApp {
    /// A neighbourhood of Qom with a code of its own.
    pub fn neighborhood(&self) -> NewNeighborhood<'_> {
        let fields = json!({"code": unique("n"), "name": "محلهٔ آزمون", "city": "قم"});
        NewNeighborhood { app: self, fields: fields.as_object().cloned().unwrap_or_default() }
    }
}

impl NewNeighborhood<'_> {
    /// With a name.
    pub fn named(self, name: &str) -> Self {
        self.with("name", name)
    }

    /// With a code.
    pub fn coded(self, code: &str) -> Self {
        self.with("code", code)
    }

    /// With any field.
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(field.to_owned(), value.into());
        self
    }

    /// The body that makes it.
    pub fn body(self) -> Value {
        Value::Object(self.fields)
    }

    /// Makes it.
    pub async fn make(self) -> Answer {
        let office = self.app.province().await;
        office.post("/neighborhoods", self.body()).await.is(201)
    }
}
