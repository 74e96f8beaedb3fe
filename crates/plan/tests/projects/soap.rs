//! Systems of SOAP: which binding is called, where it is, and what operations do.

use std::time::Duration;

use tenon_contracts::format::Effect;
use tenon_plan::{Outcome, Plan, StepKind};
use tenon_ports::remote::{Credential, UsernameToken};

use crate::support;

pub(crate) const ERP: &str = r#"<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:erp" targetNamespace="urn:erp">
  <types><xs:schema targetNamespace="urn:erp" elementFormDefault="qualified">
    <xs:element name="SubmitOrder"><xs:complexType><xs:sequence>
      <xs:element name="Sku" type="xs:string"/><xs:element name="Quantity" type="xs:int" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="SubmitOrderResponse"><xs:complexType><xs:sequence><xs:element name="Number" type="xs:long"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="OutOfStock"><xs:complexType><xs:sequence><xs:element name="Left" type="xs:int"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="Find" type="xs:string"/><xs:element name="Session" type="xs:string"/>
  </xs:schema></types>
  <message name="submit"><part name="p" element="t:SubmitOrder"/></message><message name="submitted"><part name="p" element="t:SubmitOrderResponse"/></message>
  <message name="out"><part name="p" element="t:OutOfStock"/></message><message name="find"><part name="p" element="t:Find"/></message>
  <message name="session"><part name="s" element="t:Session"/></message>
  <portType name="Orders">
    <operation name="SubmitOrder"><input message="t:submit"/><output message="t:submitted"/><fault name="OutOfStock" message="t:out"/></operation>
    <operation name="Find"><input message="t:find"/><output message="t:submitted"/></operation>
    <operation name="Old"><input message="t:find"/></operation>
  </portType>
  <binding name="OrdersSoap" type="t:Orders"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="SubmitOrder"><soap:operation soapAction="urn:erp/submit"/><input><soap:header message="t:session" part="s" use="literal"/><soap:body use="literal"/></input>
      <output><soap:body use="literal"/></output><fault name="OutOfStock"><soap:fault name="OutOfStock" use="literal"/></fault></operation>
    <operation name="Find"><soap:operation soapAction=""/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>
    <operation name="Old"><soap:operation style="rpc"/><input><soap:body use="encoded"/></input></operation>
  </binding>
  <service name="Erp"><port name="OrdersPort" binding="t:OrdersSoap"><soap:address location="https://erp.example.com/soap/orders/?client=100"/></port></service>
</definitions>"#;

/// A second binding, to SOAP 1.2, and its port.
fn in_both_versions() -> String {
    let soap12 = r#"<binding xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" name="OrdersSoap12" type="t:Orders">
        <soap12:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="SubmitOrder"><soap12:operation soapAction="urn:erp/submit"/>
        <input><soap12:body use="literal"/></input><output><soap12:body use="literal"/></output></operation></binding><service"#;
    let port = r#"<port xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" name="OrdersPort12" binding="t:OrdersSoap12"><soap12:address location="https://erp.example.com/12"/></port></service>"#;
    ERP.replace("<service", soap12).replace("</service>", port)
}

const ORDER: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "sku"],
  "properties": { "id": { "type": "string" }, "sku": { "type": "string" } } }"#;

fn check_with(wsdl: &str, system: &str, steps: &[&str]) -> Outcome {
    let steps: String = steps.iter().map(|step| format!("      - {step}\n")).collect();
    let project = format!(
        "project: shop\nsystems:\n  bus: {{ broker: {{ url: embedded }} }}\n  erp: {system}\ntopics:\n  orders: {{ in: bus, contract: order }}\n\
         flows:\n  take:\n    from: orders\n    steps:\n{steps}"
    );
    let files = [
        ("tenon.yaml", project.as_str()),
        ("systems/erp.wsdl", wsdl),
        ("contracts/order/1.json", ORDER),
        ("tls/erp.pem", "-----BEGIN CERTIFICATE-----"),
    ];
    support::check(files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).to_vec())
}

fn accepted_with(wsdl: &str, system: &str, steps: &[&str]) -> Plan {
    let outcome = check_with(wsdl, system, steps);
    let rendered = support::rendered(&outcome);
    outcome.plan.unwrap_or_else(|_| panic!("{rendered}"))
}

fn accepted(system: &str, steps: &[&str]) -> Plan {
    accepted_with(ERP, system, steps)
}

const DESCRIBED: &str = "{ soap: { wsdl: systems/erp.wsdl } }";
const SUBMIT: &str = "call: { operation: erp.SubmitOrder, fields: { headers: { Session: order.id }, body: { Sku: order.sku } }, as: submitted }";

#[test]
fn a_wsdl_gives_operations_their_types_and_where_they_are() {
    let plan = accepted(
        DESCRIBED,
        &[
            SUBMIT,
            "call: { operation: erp.Find, fields: { body: order.sku } }",
            "filter: submitted.Number > 7",
        ],
    );
    let erp = &plan.remotes["erp"];
    // The address is all that is asked: nothing of it may get lost.
    assert_eq!([erp.reaching.instances[0].url.as_str()], ["https://erp.example.com/soap/orders/?client=100"]);
    assert_eq!(erp.operations.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["SubmitOrder", "Find"]);
    let StepKind::Call(call) = &plan.flows[0].steps[0].kind else { panic!() };
    let failures: Vec<_> = call.called.failures.iter().map(|it| it.name.as_str()).collect();
    assert_eq!((call.called.effect, failures), (Effect::Acts, vec!["OutOfStock"]));
    let body = tenon_model::Value::record([("Sku", "a".into()), ("Quantity", tenon_model::Value::Int(2))]);
    let sent = call.called.exchange.request(&tenon_model::Value::record([("body", body)])).unwrap();
    assert_eq!(sent.headers["soapaction"], "\"urn:erp/submit\"");
    assert!(String::from_utf8_lossy(&sent.body).contains("<Sku>a</Sku><Quantity>2</Quantity>"));
}

#[test]
fn the_project_says_which_port_is_called_where_there_are_several() {
    let both = in_both_versions();
    let submit = "call: { operation: erp.SubmitOrder, fields: { Sku: order.sku } }";
    for chosen in ["port: OrdersPort12", "binding: OrdersSoap12"] {
        let plan =
            accepted_with(&both, &format!("{{ soap: {{ wsdl: systems/erp.wsdl, {chosen} }} }}"), &[submit]);
        assert_eq!(plan.remotes["erp"].reaching.instances[0].url, "https://erp.example.com/12", "{chosen}");
        let StepKind::Call(call) = &plan.flows[0].steps[0].kind else { panic!() };
        let input = tenon_model::Value::record([("Sku", tenon_model::Value::from("a"))]);
        let sent = call.called.exchange.request(&input).unwrap();
        let said = "application/soap+xml; charset=utf-8; action=\"urn:erp/submit\"";
        assert_eq!(sent.headers["content-type"], said);
    }
    let plan = accepted_with(
        &both,
        "{ soap: { wsdl: systems/erp.wsdl, port: OrdersPort, url: [\"http://a:1/x\", \"http://b/x/\"] }, balance: round_robin }",
        &[SUBMIT],
    );
    let urls: Vec<_> = plan.remotes["erp"].reaching.instances.iter().map(|it| it.url.as_str()).collect();
    assert_eq!(urls, ["http://a:1/x", "http://b/x/"]);
}

#[test]
fn operations_act_unless_the_project_says_otherwise() {
    let find = "call: { operation: erp.Find, fields: { body: order.sku } }";
    let effect = |beside: &str| {
        let plan = accepted(&format!("{{ soap: {{ wsdl: systems/erp.wsdl }}{beside} }}"), &[find]);
        let StepKind::Call(call) = &plan.flows[0].steps[0].kind else { panic!() };
        call.called.effect
    };
    assert_eq!(effect(""), Effect::Acts);
    assert_eq!(effect(", effects: { Find: safe }"), Effect::Safe);
    assert_eq!(effect(", effects: { Find: idempotent, SubmitOrder: acts }"), Effect::Idempotent);
}

#[test]
fn messages_say_who_is_calling() {
    let auth = |auth: &str| {
        let system =
            format!("{{ soap: {{ wsdl: systems/erp.wsdl }}, auth: {{ ws_security: {{ {auth} }} }} }}");
        accepted(&system, &[SUBMIT]).remotes["erp"].reaching.auth.clone().unwrap()
    };
    let user = |is_digest| Some(UsernameToken { user: "me".into(), password: "ERP".into(), is_digest });
    let five = Some(Duration::from_secs(300));
    assert_eq!(
        auth("user: me, password: \"${secret:ERP}\", send_password: digest, timestamp: 5m"),
        Credential::WsSecurity { user: user(true), timestamp: five, signature: None }
    );
    assert_eq!(
        auth("user: me, password: \"${secret:ERP}\""),
        Credential::WsSecurity { user: user(false), timestamp: None, signature: None }
    );
    assert_eq!(
        auth("timestamp: 5m"),
        Credential::WsSecurity { user: None, timestamp: five, signature: None }
    );
    let signature = Some(("tls/erp.pem".into(), "ERP_KEY".into()));
    assert_eq!(
        auth("certificate: tls/erp.pem, key: \"${secret:ERP_KEY}\""),
        Credential::WsSecurity { user: None, timestamp: None, signature }
    );
}

#[test]
fn rules_name_faults_codes_and_statuses() {
    let with = |rule: &str| SUBMIT.replace(", as:", &format!(", failures: {{ {rule} }}, as:"));
    accepted(
        DESCRIBED,
        &[&with(
            "OutOfStock: { reject: conflict, message: failure.name }, Client: none, Server.Busy: retry, \"{urn:erp}Closed\": none, 503: retry",
        )],
    );
    for (rule, wanted) in [("OutOfStok: none", "`OutOfStok` is not"), ("Sender: none", "`Sender` is not")] {
        let outcome = check_with(ERP, DESCRIBED, &[&with(rule)]);
        let rendered = support::rendered(&outcome);
        assert!(
            outcome.plan.is_err() && rendered.contains(wanted) && rendered.contains("`OutOfStock`"),
            "{rendered}"
        );
    }
}

#[test]
fn what_a_declared_fault_says_has_its_type() {
    let with = |message: &str| {
        SUBMIT.replace(
            ", as:",
            &format!(", failures: {{ OutOfStock: {{ reject: conflict, message: \"{message}\" }} }}, as:"),
        )
    };
    accepted(DESCRIBED, &[&with("'left: ' + string(failure.value.Left) + failure.detail")]);
    for (message, wanted) in [("string(failure.value.Lft)", "Lft"), ("failure.value.Left", "text")] {
        let outcome = check_with(ERP, DESCRIBED, &[&with(message)]);
        let rendered = support::rendered(&outcome);
        assert!(outcome.plan.is_err() && rendered.contains(wanted), "{rendered}");
    }
}

#[test]
fn what_is_wrong_is_said_where_it_stands() {
    let says = |wsdl: &str, system: &str, step: &str, wanted: &[&str]| {
        let outcome = check_with(wsdl, system, &[step]);
        let rendered = support::rendered(&outcome);
        assert!(outcome.plan.is_err(), "{system} {step}");
        for wanted in wanted {
            assert!(rendered.contains(wanted), "{wanted}\n{rendered}");
        }
    };
    let secured = |auth: &str| {
        format!("{{ soap: {{ wsdl: systems/erp.wsdl }}, auth: {{ ws_security: {{ {auth} }} }} }}")
    };
    says(ERP, &secured("user: a"), SUBMIT, &["belong together"]);
    says(ERP, &secured("certificate: tls/erp.pem"), SUBMIT, &["`certificate` and `key` belong together"]);
    says(ERP, &secured("certificate: tls/none.pem, key: \"${secret:K}\""), SUBMIT, &["tls/none.pem"]);
    says(ERP, &secured(""), SUBMIT, &["the header says nothing"]);
    says(ERP, &secured("timestamp: 0s"), SUBMIT, &["holds for no time"]);
    says(ERP, &secured("user: a, password: hunter2"), SUBMIT, &["password"]);
    let of_http = "{ http: { url: \"http://a:1\", operations: { SubmitOrder: { request: GET /a } } }, auth: { ws_security: { timestamp: 5m } } }";
    says(
        ERP,
        of_http,
        "call: { operation: erp.SubmitOrder }",
        &["`ws_security` stands in the messages of SOAP"],
    );
    let both = in_both_versions();
    let soap = |more: &str| format!("{{ soap: {{ wsdl: systems/erp.wsdl{more} }} }}");
    says(
        &both,
        DESCRIBED,
        SUBMIT,
        &["several ports: `OrdersPort` (SOAP 1.1), `OrdersPort12` (SOAP 1.2)", "`port: OrdersPort`"],
    );
    let portless = both.split("<service").next().unwrap().to_owned() + "</definitions>";
    says(
        &portless,
        DESCRIBED,
        SUBMIT,
        &["several bindings: `OrdersSoap` (SOAP 1.1)", "`binding: OrdersSoap`"],
    );
    says(
        &portless,
        &soap(", binding: OrdersSoap"),
        SUBMIT,
        &["nothing says where the system is", "add `url`"],
    );
    says(
        &both,
        &soap(", port: OrdersPort13"),
        SUBMIT,
        &["has no port `OrdersPort13`", "write `OrdersPort12`"],
    );
    says(&both, &soap(", binding: OrdersSop"), SUBMIT, &["has no binding `OrdersSop`", "write `OrdersSoap`"]);
    says(&both, &soap(", port: OrdersPort, binding: OrdersSoap"), SUBMIT, &["both say what is called"]);
    let unbound = ERP.replace("http://schemas.xmlsoap.org/soap/http", "urn:jms");
    says(&unbound, DESCRIBED, SUBMIT, &["no operation that can be called by SOAP over HTTP"]);
    let placeless = ERP.replace("https://erp.example.com/soap/orders/?client=100", "REPLACE_ME");
    says(&placeless, DESCRIBED, SUBMIT, &["`REPLACE_ME`, which is not an address that calls can go to"]);

    says(ERP, DESCRIBED, "call: { operation: erp.SubmitOrdr }", &["write `erp.SubmitOrder`"]);
    // What is there and cannot be called says why.
    says(
        ERP,
        DESCRIBED,
        "call: { operation: erp.Old }",
        &["has no operation `Old`", "encoded messages", "use=\"literal\""],
    );
    says(ERP, DESCRIBED, "call: { operation: erp.SubmitOrder, fields: { body: {} } }", &["`Sku`"]);
    says(ERP, DESCRIBED, &SUBMIT.replace("order.sku", "7"), &["Sku", "text"]);
    says(ERP, DESCRIBED, &SUBMIT.replace("Session:", "Sesion:"), &["Sesion", "Session"]);
    says(
        ERP,
        "{ soap: { wsdl: contracts/order/1.json } }",
        SUBMIT,
        &["is not a description in WSDL", "JSON Schema"],
    );
    says(ERP, "{ soap: {} }", SUBMIT, &["wsdl"]);
    says(ERP, &soap(", url: \"http://erp/a#b\""), SUBMIT, &["has a fragment"]);
    says(
        ERP,
        "{ soap: { wsdl: systems/erp.wsdl }, effects: { Fnd: safe } }",
        SUBMIT,
        &["has no operation `Fnd`", "write `Find`"],
    );
    says(ERP, "{ soap: { wsdl: systems/erp.wsdl }, effects: { Find: reads } }", SUBMIT, &["safe"]);
    says(
        ERP,
        "{ sql: { url: \"sqlite://a.db\" }, timeout: 3s }",
        "filter: 'true'",
        &["`timeout` goes with `http` or `soap`"],
    );
}

#[test]
fn what_a_description_asks_for_and_is_not_applied_is_a_warning() {
    let policy =
        ERP.replace("<service", "<wsp:Policy xmlns:wsp=\"http://www.w3.org/ns/ws-policy\"/><service");
    let outcome = check_with(&policy, DESCRIBED, &[SUBMIT]);
    let rendered = support::rendered(&outcome);
    assert!(outcome.plan.is_ok() && rendered.contains("is an extension that is not applied"), "{rendered}");
}
