//! What is wrong with a value that does not follow its schema, and where.

use tenon_model::{
    Value,
    shape::{Breach, Step},
};

use super::{Demand, SchemaId, keyword::Keyword, marks::Marks, run::Run};

/// What is wrong with a value that `demand` does not accept.
pub(super) fn breaches(demand: &Demand, value: &Value, most: usize) -> Result<Vec<Breach>, String> {
    let mut telling = Telling { run: Run::new(&demand.program), path: Vec::new(), found: Vec::new(), most };
    for id in &demand.all_of {
        telling.schema(*id, value)?;
    }
    for id in &demand.none_of {
        if telling.run.holds(*id, value, None)? {
            telling.tell("is what the contract excludes here (`not`)".to_owned());
        }
    }
    if telling.found.is_empty() {
        telling.tell("does not follow its contract".to_owned());
    }
    Ok(telling.found)
}

struct Telling<'p> {
    run: Run<'p>,
    path: Vec<Step>,
    found: Vec<Breach>,
    most: usize,
}

impl Telling<'_> {
    fn tell(&mut self, message: String) {
        let breach = Breach { path: self.path.clone(), message };
        if self.found.len() < self.most && !self.found.contains(&breach) {
            self.found.push(breach);
        }
    }

    fn schema(&mut self, id: SchemaId, value: &Value) -> Result<(), String> {
        let schema = self.run.schema(id);
        if self.found.len() >= self.most || (schema.nullable && value.is_null()) {
            return Ok(());
        }
        self.run.enter(schema)?;
        let mut marks = Marks::default();
        for keyword in &schema.keywords {
            if !self.run.keyword(keyword, value, Some(&mut marks))? {
                let before = self.found.len();
                self.inside(keyword, value)?;
                if self.found.len() == before {
                    self.here(keyword, value, &marks);
                }
            }
        }
        self.run.leave();
        Ok(())
    }

    /// A keyword that leads to what is wrong.
    fn inside(&mut self, keyword: &Keyword, value: &Value) -> Result<(), String> {
        match (keyword, value) {
            (Keyword::Items { prefix, rest }, Value::List(items)) => {
                for (position, item) in items.iter().enumerate() {
                    if let Some(id) = prefix.get(position).copied().or(*rest) {
                        self.under(Step::Index(position), id, item)?;
                    }
                }
            }
            (Keyword::Properties(properties), Value::Map(map)) => {
                for (key, value) in map.iter() {
                    let name = key.as_str().unwrap_or_default();
                    for id in properties.about(name)? {
                        self.under(Step::Name(name.to_owned()), id, value)?;
                    }
                }
            }
            (Keyword::DependentSchemas(all), Value::Map(map)) => {
                for (_, id) in all.iter().filter(|(name, _)| map.get(name).is_some()) {
                    self.schema(*id, value)?;
                }
            }
            (Keyword::If { condition, then, other }, _) => {
                let next = if self.run.holds(*condition, value, None)? { then } else { other };
                if let Some(id) = next {
                    self.schema(*id, value)?;
                }
            }
            _ => {
                for id in self.run.leads_to(keyword) {
                    self.schema(id, value)?;
                }
            }
        }
        Ok(())
    }

    fn under(&mut self, step: Step, id: SchemaId, value: &Value) -> Result<(), String> {
        self.path.push(step);
        let told = self.schema(id, value);
        self.path.pop();
        told
    }

    /// A keyword that is broken here. Where it is about one field, that is the place.
    fn here(&mut self, keyword: &Keyword, value: &Value, marks: &Marks) {
        let message = keyword.breach();
        match (keyword, value) {
            (Keyword::Required(names), Value::Map(map)) => {
                for name in names.iter().filter(|name| map.get(name).is_none()) {
                    self.at(Step::Name(name.to_string()), "is missing and required (`required`)".to_owned());
                }
            }
            (Keyword::UnevaluatedProperties(_), Value::Map(map)) => {
                let first = map.iter().enumerate().find(|(position, _)| !marks.has(*position));
                match first.and_then(|(_, (key, _))| key.as_str()) {
                    Some(name) => self.at(
                        Step::Name(name.to_owned()),
                        "is not allowed, since no rule describes it (`unevaluatedProperties`)".to_owned(),
                    ),
                    None => self.tell(message),
                }
            }
            _ => self.tell(message),
        }
    }

    fn at(&mut self, step: Step, message: String) {
        self.path.push(step);
        self.tell(message);
        self.path.pop();
    }
}
