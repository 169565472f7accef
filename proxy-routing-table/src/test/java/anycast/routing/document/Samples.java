package anycast.routing.document;

import java.util.List;

/// Documents that the reader and the published schema judge alike.
final class Samples {
  static final List<String> GOOD =
      List.of(
          rule("to: [ { selector: app=shop } ]"),
          rule("to: [ { selector: '*', weight: 0 }, { selector: 5, weight: 1, port: 1 } ]"),
          rule("{ to: [ { selector: 'a in (b,c)', regions: [fra, iad] } ], name: A.b-c_1 }"),
          rule("{ to: [ { selector: a } ], name: 7, timeout: 500ms, wait: 2m }"),
          rule("{ to: [ { selector: a } ], fallback: [ { selector: b, port: 80 } ] }"),
          rule("{ to: [ { selector: a } ], match: {} }"),
          rule("{ to: [ { selector: a } ], match: { path: / } }"),
          rule("{ to: [ { selector: a } ], match: { path: '/a;b%20$&c:@d' } }"),
          rule("{ to: [ { selector: a } ], match: { path: { template: '/a/{b}/{c_1}' } } }"),
          rule("{ to: [ { selector: a } ], match: { path: { exact: /a/ }, methods: [M-SEARCH] } }"),
          rule("{ to: [ { selector: a } ], match: { headers: { A: 1, b: { present: false } } } }"),
          rule(
              "{ to: [ { selector: a } ], match: { query: { 'a b': { starts_with: c }, d: '' } }"
                  + " }"),
          rule(
              "{ to: [ { selector: a } ], match: { cookies: { a: { equals: true } }, port: 443 }"
                  + " }"),
          rule("{ to: [ { selector: a } ], rewrite: { prefix: /b, host: b.test } }"),
          rule("{ to: [ { selector: a } ], headers: { request: { set: { x-a: b c, x-b: 1 } } } }"),
          rule(
              "{ to: [ { selector: a } ], headers: { response: { add: { a: '' }, remove: [b] } }"
                  + " }"),
          rule("{ to: [ { selector: a } ], headers: {} }"),
          rule("{ to: [ { selector: a } ], retry: {} }"),
          rule(
              "{ to: [ { selector: a } ], retry: { attempts: 2, per_try: 1s, budget: 20%,"
                  + " per_second: 0, statuses: [502] } }"),
          rule("{ to: [ { selector: a } ], mirror: { to: { selector: b }, share: 0.25% } }"),
          rule("{ to: [ { selector: a } ], mirror: { to: { selector: b }, share: 100% } }"),
          rule("redirect: { status: 308, scheme: https, host: b.test, port: 443, path: /c }"),
          rule("{ match: { path: /a }, redirect: { prefix: /b }, name: x }"),
          "{\"hosts\": [\"*.a.test\", \"xn--a_b.test\"], \"rules\": [{\"redirect\": {\"port\":"
              + " 1}}]}");

  static final List<String> BAD =
      List.of(
          "[]",
          "text",
          "{}",
          "hosts: [a.test]",
          "rules: [ { to: [ { selector: a } ] } ]",
          "{ hosts: [], rules: [ { to: [ { selector: a } ] } ] }",
          "{ hosts: [a.test], rules: [] }",
          "{ hosts: a.test, rules: [ { to: [ { selector: a } ] } ] }",
          "{ hosts: [a.test, a.test], rules: [ { to: [ { selector: a } ] } ] }",
          "{ hosts: [a.test], rules: [ { to: [ { selector: a } ] } ], extra: 1 }",
          host("A.test"),
          host("'*'"),
          host("'*.*.a'"),
          host("a..b"),
          host("a.test:80"),
          host("-a.test"),
          host("https://a.test"),
          host("''"),
          rule("{}"),
          rule("5"),
          rule("{ to: [ { selector: a } ], redirect: { host: a.test } }"),
          rule("to: []"),
          rule("to: { selector: a }"),
          rule("to: [ {} ]"),
          rule("to: [ { selector: '' } ]"),
          rule("to: [ { selector: [a] } ]"),
          rule("to: [ { selector: } ]"),
          rule("to: [ { selector: a, weight: -1 } ]"),
          rule("to: [ { selector: a, weight: 1.5 } ]"),
          rule("to: [ { selector: a, weight: 1000001 } ]"),
          rule("to: [ { selector: a, weight: '5' } ]"),
          rule("to: [ { selector: a, port: 0 } ]"),
          rule("to: [ { selector: a, port: 65536 } ]"),
          rule("to: [ { selector: a, regions: [] } ]"),
          rule("to: [ { selector: a, regions: ['fra iad'] } ]"),
          rule("to: [ { selector: a, wieght: 5 } ]"),
          rule("{ to: [ { selector: a } ], name: a b }"),
          rule("{ to: [ { selector: a } ], name: '' }"),
          rule("{ to: [ { selector: a } ], fallback: [ { selector: a, weight: 5 } ] }"),
          rule("{ to: [ { selector: a } ], match: [] }"),
          rule("{ to: [ { selector: a } ], match: { path: a } }"),
          rule("{ to: [ { selector: a } ], match: { path: '' } }"),
          rule("{ to: [ { selector: a } ], match: { path: '/a b' } }"),
          rule("{ to: [ { selector: a } ], match: { path: '/a?b' } }"),
          rule("{ to: [ { selector: a } ], match: { path: /%zz } }"),
          rule("{ to: [ { selector: a } ], match: { path: /%c3 } }"),
          rule("{ to: [ { selector: a } ], match: { path: {} } }"),
          rule("{ to: [ { selector: a } ], match: { path: { exact: /a, prefix: /a } } }"),
          rule("{ to: [ { selector: a } ], match: { path: { template: /a } } }"),
          rule("{ to: [ { selector: a } ], match: { methods: [] } }"),
          rule("{ to: [ { selector: a } ], match: { methods: [get] } }"),
          rule("{ to: [ { selector: a } ], match: { methods: GET } }"),
          rule("{ to: [ { selector: a } ], match: { headers: { 'a b': c } } }"),
          rule("{ to: [ { selector: a } ], match: { headers: { a: { present: 1 } } } }"),
          rule("{ to: [ { selector: a } ], match: { headers: { a: {} } } }"),
          rule("{ to: [ { selector: a } ], match: { headers: { a: [b] } } }"),
          rule("{ to: [ { selector: a } ], match: { headers: { a: } } }"),
          rule("{ to: [ { selector: a } ], match: { query: { a: { starts_with: '' } } } }"),
          rule("{ to: [ { selector: a } ], match: { query: { '': b } } }"),
          rule("{ to: [ { selector: a } ], match: { cookies: { a: { is: b } } } }"),
          rule("{ to: [ { selector: a } ], match: { port: https } }"),
          rule("{ to: [ { selector: a } ], rewrite: {} }"),
          rule("{ to: [ { selector: a } ], rewrite: { prefix: b } }"),
          rule("{ to: [ { selector: a } ], rewrite: { host: '*.b.test' } }"),
          rule("{ to: [ { selector: a } ], headers: { both: {} } }"),
          rule("{ to: [ { selector: a } ], headers: { request: { set: { Connection: a } } } }"),
          rule("{ to: [ { selector: a } ], headers: { request: { set: { fly-region: a } } } }"),
          rule("{ to: [ { selector: a } ], headers: { request: { set: { a: \"b\\r\\nc\" } } } }"),
          rule("{ to: [ { selector: a } ], headers: { request: { set: { a: ' b' } } } }"),
          rule("{ to: [ { selector: a } ], headers: { response: { remove: [X-Anycast-A] } } }"),
          rule("{ to: [ { selector: a } ], headers: { response: { remove: server } } }"),
          rule("{ to: [ { selector: a } ], timeout: 5 }"),
          rule("{ to: [ { selector: a } ], timeout: 1h }"),
          rule("{ to: [ { selector: a } ], wait: fast }"),
          rule("{ to: [ { selector: a } ], retry: { attempts: 9 } }"),
          rule("{ to: [ { selector: a } ], retry: { budget: 20 } }"),
          rule("{ to: [ { selector: a } ], retry: { budget: 0.5% } }"),
          rule("{ to: [ { selector: a } ], retry: { statuses: [200] } }"),
          rule("{ to: [ { selector: a } ], mirror: {} }"),
          rule("{ to: [ { selector: a } ], mirror: { to: { selector: b }, share: 101% } }"),
          rule("{ to: [ { selector: a } ], mirror: { to: { selector: b }, share: 1.00001% } }"),
          rule("redirect: {}"),
          rule("redirect: { status: 308 }"),
          rule("redirect: { status: 304, host: a.test }"),
          rule("redirect: { scheme: ftp }"),
          rule("redirect: { path: /a, prefix: /b }"),
          rule("{ redirect: { host: a.test }, wait: 1s }"));

  private Samples() {}

  /// A document with one rule.
  static String rule(String rule) {
    return "hosts: [a.test]\nrules:\n  - " + rule + "\n";
  }

  private static String host(String host) {
    return "hosts: [" + host + "]\nrules: [ { to: [ { selector: a } ] } ]\n";
  }
}
