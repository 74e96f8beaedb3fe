//! Which edges of a graph lie on a circle: Tarjan's strongly connected components, without recursion.

/// An edge: what it stands for where it leaves, and the node that it leads to.
pub(super) type Edge = (usize, usize);

/// The first edge of each set of nodes that lead round in circles, as the node that it leaves and what it stands for. Of the
/// edges that lie on a circle only those count that `counts` says so of.
pub(super) fn circles(edges: &[Vec<Edge>], counts: impl Fn(&Edge) -> bool) -> Vec<(usize, usize)> {
    let components = components(edges);
    let mut told = vec![false; edges.len()];
    let mut found = Vec::new();
    for (from, leaving) in edges.iter().enumerate() {
        for edge in leaving.iter().filter(|edge| components[edge.1] == components[from] && counts(edge)) {
            if !std::mem::replace(&mut told[components[from]], true) {
                found.push((from, edge.0));
            }
        }
    }
    found
}

/// The number of the component of each node.
fn components(edges: &[Vec<Edge>]) -> Vec<usize> {
    const NEW: usize = usize::MAX;
    let count = edges.len();
    let (mut order, mut low, mut component) = (vec![NEW; count], vec![0; count], vec![NEW; count]);
    let (mut next_order, mut next_component) = (0, 0);
    let mut waiting = Vec::new();
    for start in 0..count {
        if order[start] != NEW {
            continue;
        }
        let mut open = vec![(start, 0)];
        while let Some((at, next)) = open.last_mut() {
            let at = *at;
            if *next == 0 {
                (order[at], low[at]) = (next_order, next_order);
                next_order += 1;
                waiting.push(at);
            }
            let to = edges[at].get(*next).map(|(_, to)| *to);
            *next += 1;
            match to {
                Some(to) if order[to] == NEW => open.push((to, 0)),
                Some(to) if component[to] == NEW => low[at] = low[at].min(order[to]),
                Some(_) => {}
                None => {
                    open.pop();
                    if let Some((above, _)) = open.last() {
                        low[*above] = low[*above].min(low[at]);
                    }
                    if low[at] == order[at] {
                        while let Some(member) = waiting.pop() {
                            component[member] = next_component;
                            if member == at {
                                break;
                            }
                        }
                        next_component += 1;
                    }
                }
            }
        }
    }
    component
}
