//! The values a patient carries from answer to answer, by name.

use std::sync::Arc;

/// The names of all values of a journey, numbered.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Names {
    names: Vec<String>,
}

impl Names {
    /// The number of a name, new if need be.
    pub(super) fn number(&mut self, name: &str) -> usize {
        self.find(name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        })
    }

    /// The number of a known name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    pub(super) fn text(&self, number: usize) -> &str {
        &self.names[number]
    }
}

/// Values by the numbers of their names.
#[derive(Clone, Debug)]
pub struct Values {
    names: Arc<Names>,
    values: Vec<Option<Arc<str>>>,
}

impl Values {
    /// No values yet.
    pub fn new(names: Arc<Names>) -> Values {
        let values = vec![None; names.names.len()];
        Values { names, values }
    }

    /// The value with this number, if it is known.
    pub fn get(&self, number: usize) -> Option<&str> {
        self.values[number].as_deref()
    }

    /// The value of this name, if there is one and it is known.
    pub fn by_name(&self, name: &str) -> Option<&str> {
        self.get(self.names.find(name)?)
    }

    /// Sets the value with this number.
    pub fn set(&mut self, number: usize, value: impl Into<Arc<str>>) {
        self.values[number] = Some(value.into());
    }

    /// Forgets the value with this number.
    pub(crate) fn clear(&mut self, number: usize) {
        self.values[number] = None;
    }

    /// Sets the value of this name, if the journey uses it.
    pub fn set_by_name(&mut self, name: &str, value: impl Into<Arc<str>>) {
        if let Some(number) = self.names.find(name) {
            self.set(number, value);
        }
    }

    pub(crate) fn name(&self, number: usize) -> &str {
        self.names.text(number)
    }
}
