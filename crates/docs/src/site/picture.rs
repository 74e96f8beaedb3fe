//! A picture of the flows: where messages come from, through which flow they go, and where their effects end. Drawn as SVG,
//! so that it needs nothing from outside, in layers from left to right.

use std::collections::BTreeMap;

use tenon_plan::{Flow, Input, OperationKind, Plan};

use super::{Entry, Section};
use crate::html::escape;

/// Sizes in pixels.
const WIDTH: usize = 170;
const HEIGHT: usize = 34;
const ACROSS: usize = 60;
const DOWN: usize = 14;
const MARGIN: usize = 8;
/// Longer names are cut.
const MOST_LETTERS: usize = 22;

/// A box of the picture.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Node {
    kind: Kind,
    name: String,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Kind {
    Operation,
    File,
    Topic,
    Flow,
    Table,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::File => "file",
            Self::Topic => "topic",
            Self::Flow => "flow",
            Self::Table => "table",
        }
    }
}

/// The boxes and what leads from one to another.
#[derive(Default)]
struct Graph {
    nodes: Vec<Node>,
    arrows: Vec<Arrow>,
}

struct Arrow {
    from: usize,
    to: usize,
    /// Whether rows are only looked up: drawn thinner, and not counted for the layers.
    looks: bool,
}

pub(super) fn section(plan: &Plan) -> Section {
    let graph = Graph::of(plan);
    let entry = (!graph.nodes.is_empty()).then(|| Entry {
        anchor: "picture-flows".to_owned(),
        name: "How data moves".to_owned(),
        body: format!("<h3>How data moves</h3>{}", graph.draw()),
    });
    Section { anchor: "picture", title: "Overview", entries: entry.into_iter().collect() }
}

impl Graph {
    fn of(plan: &Plan) -> Self {
        let mut graph = Self::default();
        for flow in &plan.flows {
            let own = graph.node(Kind::Flow, &flow.name);
            for input in inputs(plan, flow) {
                let from = graph.node(input.kind, &input.name);
                graph.arrow(from, own, false);
            }
            for step in &flow.steps {
                if let Some(table) = step.kind.reads() {
                    let from = graph.node(Kind::Table, &table.name);
                    graph.arrow(from, own, true);
                }
                if let Some(table) = step.kind.writes() {
                    let to = graph.node(Kind::Table, &table.name);
                    graph.arrow(own, to, false);
                }
                if let Some(topic) = step.kind.publishes() {
                    let to = graph.node(Kind::Topic, &topic.name);
                    graph.arrow(own, to, false);
                }
            }
        }
        graph
    }

    fn node(&mut self, kind: Kind, name: &str) -> usize {
        let node = Node { kind, name: name.to_owned() };
        self.nodes.iter().position(|known| *known == node).unwrap_or_else(|| {
            self.nodes.push(node);
            self.nodes.len() - 1
        })
    }

    fn arrow(&mut self, from: usize, to: usize, looks: bool) {
        if !self.arrows.iter().any(|it| (it.from, it.to) == (from, to)) {
            self.arrows.push(Arrow { from, to, looks });
        }
    }

    /// The layer of each box: one more than what leads to it. A circle of flows ends after as many rounds as there are boxes.
    fn layers(&self) -> Vec<usize> {
        let mut layers = vec![0; self.nodes.len()];
        for _ in 0..self.nodes.len() {
            let mut moved = false;
            for Arrow { from, to, .. } in self.arrows.iter().filter(|arrow| !arrow.looks) {
                let wanted = (layers[*from] + 1).min(self.nodes.len());
                if layers[*to] < wanted && *from != *to {
                    layers[*to] = wanted;
                    moved = true;
                }
            }
            if !moved {
                break;
            }
        }
        // Layers that a circle has left empty close up.
        let used: BTreeMap<usize, usize> = layers.iter().map(|layer| (*layer, 0)).collect();
        layers.iter().map(|layer| used.range(..layer).count()).collect()
    }

    fn draw(&self) -> String {
        let layers = self.layers();
        let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
        let places: Vec<(usize, usize)> = layers
            .iter()
            .map(|layer| {
                let row = taken.entry(*layer).or_default();
                *row += 1;
                (MARGIN + layer * (WIDTH + ACROSS), MARGIN + (*row - 1) * (HEIGHT + DOWN))
            })
            .collect();
        let width = places.iter().map(|(x, _)| x + WIDTH + MARGIN).max().unwrap_or(0);
        let height = places.iter().map(|(_, y)| y + HEIGHT + MARGIN).max().unwrap_or(0);
        let arrows: String = self.arrows.iter().map(|arrow| self.line(arrow, &places)).collect();
        let boxes: String = self.nodes.iter().zip(&places).map(|(node, place)| boxed(node, *place)).collect();
        format!(
            "<div class=\"drawing\" role=\"region\" tabindex=\"0\" aria-label=\"How data moves\">\
             <svg class=\"picture\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">\
             <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">\
             <path d=\"M0 0 8 4 0 8z\"/></marker></defs>{arrows}{boxes}</svg></div>\
             <p class=\"legend\">Thin lines are rows that a flow looks up.</p>",
            escape(&self.words()),
        )
    }

    fn line(&self, arrow: &Arrow, places: &[(usize, usize)]) -> String {
        let ((x1, y1), (x2, y2)) = (places[arrow.from], places[arrow.to]);
        let (y1, y2) = (y1 + HEIGHT / 2, y2 + HEIGHT / 2);
        let class = if arrow.looks { "looks" } else { "moves" };
        // Backwards, or within a layer, from the right side to the right side, around the outside.
        let (start, end) = if x2 > x1 { (x1 + WIDTH, x2) } else { (x1 + WIDTH, x2 + WIDTH) };
        let bend = ACROSS / 2;
        let (c1, c2) = if x2 > x1 { (start + bend, end - bend) } else { (start + bend, end + bend) };
        format!(
            "<path class=\"{class}\" d=\"M{start} {y1}C{c1} {y1} {c2} {y2} {end} {y2}\" marker-end=\"url(#tip)\"/>"
        )
    }

    /// The picture in words, for those who do not see it.
    fn words(&self) -> String {
        let name = |at: usize| format!("{} {}", self.nodes[at].kind.word(), self.nodes[at].name);
        let lines = self.arrows.iter().map(|arrow| {
            let verb = if arrow.looks { "is looked up by" } else { "leads to" };
            format!("{} {verb} {}", name(arrow.from), name(arrow.to))
        });
        lines.collect::<Vec<_>>().join("; ")
    }
}

fn inputs(plan: &Plan, flow: &Flow) -> Vec<Node> {
    match &flow.input {
        Input::File(file) => vec![Node { kind: Kind::File, name: file.shown() }],
        Input::Topic(topic) => vec![Node { kind: Kind::Topic, name: topic.name.to_string() }],
        Input::Request(_) => {
            let operations = plan.apis.iter().flat_map(|api| &api.operations);
            let calls = operations.filter(|operation| {
                matches!(&operation.kind, OperationKind::Send { flow: sent, .. } if sent.name == flow.name)
            });
            calls.map(|operation| Node { kind: Kind::Operation, name: operation.name.to_string() }).collect()
        }
    }
}

fn boxed(node: &Node, (x, y): (usize, usize)) -> String {
    let letters = node.name.chars().count();
    let shown: String = match letters > MOST_LETTERS {
        // The end of a path says more than its start.
        true => std::iter::once('…').chain(node.name.chars().skip(letters - MOST_LETTERS + 1)).collect(),
        false => node.name.clone(),
    };
    let round = if node.kind == Kind::Flow { 17 } else { 4 };
    let drawn = format!(
        "<title>{kind} {name}</title><rect class=\"{kind}\" x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"{round}\"/>\
         <text x=\"{}\" y=\"{}\">{}</text>",
        x + WIDTH / 2,
        y + HEIGHT / 2 + 5,
        escape(&shown),
        kind = node.kind.word(),
        name = escape(&node.name),
    );
    match node.kind {
        Kind::File | Kind::Operation => format!("<g>{drawn}</g>"),
        kind => format!("<a href=\"#{}-{}\">{drawn}</a>", kind.word(), escape(&node.name)),
    }
}
