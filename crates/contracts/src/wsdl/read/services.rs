//! Services and their ports (WSDL 1.1, sections 2.6 and 2.7).

use tenon_model::Str;

use super::{Reader, Space, WSDL, bindings::child, documentation};
use crate::wsdl::description::{Binding, Port, Service};

const ADDRESSES: [&str; 2] =
    ["http://schemas.xmlsoap.org/wsdl/soap/", "http://schemas.xmlsoap.org/wsdl/soap12/"];

impl Reader<'_> {
    /// The services; ports to bindings that were left out are left out as well.
    pub(super) fn services(&mut self, bindings: &[Binding]) -> Vec<Service> {
        let mut services = Vec::new();
        for node in std::mem::take(&mut self.services) {
            let mut ports = Vec::new();
            for child_node in &node.children {
                if child_node.name.is(WSDL, "port") {
                    ports.extend(self.port(child_node, bindings));
                } else if child_node.name.namespace.as_deref() != Some(WSDL) {
                    self.extension(child_node);
                }
            }
            let name = Str::new(node.get("name").unwrap_or_default());
            services.push(Service { name, doc: documentation(node), ports });
        }
        services
    }

    fn port(&mut self, node: &crate::xml::Element, bindings: &[Binding]) -> Option<Port> {
        let (name, _) = self.find(Space::Binding, node, node.get("binding").unwrap_or_default())?;
        if self.left_out.contains(&name) {
            return None;
        }
        let binding = bindings.iter().position(|it| *it.name == *name.local)?;
        let address = ADDRESSES.iter().find_map(|soap| child(node, soap, "address")?.get("location"));
        Some(Port {
            name: Str::new(node.get("name").unwrap_or_default()),
            binding,
            address: address.map(str::trim).filter(|it| !it.is_empty()).map(Str::new),
        })
    }
}
