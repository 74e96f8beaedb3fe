//! Where a project is served.

use tenon_plan::Plan;

/// Where the project is served, as it is configured: `http://127.0.0.1:8080`.
pub(crate) fn of(plan: &Plan) -> String {
    let scheme = if plan.server.tls.is_some() { "https" } else { "http" };
    let listen = plan.server.listen;
    // Everywhere is no place to call.
    if listen.ip().is_unspecified() {
        return format!("{scheme}://localhost:{}", listen.port());
    }
    format!("{scheme}://{listen}")
}
