package anycast.demo;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// Commands that work as they stand, each with a name.
final class CurlLines {
  private final Fleet fleet;
  private final String ca;
  private final SequencedMap<String, String> lines = new LinkedHashMap<>();

  private CurlLines(Fleet fleet) {
    this.fleet = fleet;
    this.ca = FleetFile.quoted(fleet.publicCa().toString());
  }

  static SequencedMap<String, String> of(Fleet fleet) {
    CurlLines all = new CurlLines(fleet);
    all.apps();
    all.shop();
    all.choosing();
    all.operating();
    return all.lines;
  }

  private void apps() {
    fra("hello over HTTP/2", "hello.demo.test", "--http2 https://hello.demo.test/");
    fra("hello over HTTP/1.1", "hello.demo.test", "--http1.1 https://hello.demo.test/");
    lines.put("hello from iad", https("hello.demo.test", "edge-iad-1", "https://hello.demo.test/"));
    fra("wildcard", "any.wild.demo.test", "https://any.wild.demo.test/");
    fra("echo", "echo.demo.test", "--data-binary 'say this' https://echo.demo.test/echo");
    lines.put(
        "upload",
        "head -c 100000000 /dev/urandom | "
            + https("hello.demo.test", "edge-fra-1", "-T - https://hello.demo.test/sha256"));
    fra(
        "stream",
        "hello.demo.test",
        "'https://hello.demo.test/stream?bytes=400000&rate=100000' -o /dev/null");
    fra("app that fails", "hello.demo.test", "-i 'https://hello.demo.test/fail?how=reset'");
    lines.put(
        "redirect to https",
        "curl -sS -i --connect-to hello.demo.test:80:%s http://hello.demo.test/"
            .formatted(fleet.address("edge-fra-1", "http")));
  }

  private void shop() {
    shop("canary", "-o /dev/null -w '%header{x-instance}\\n' '<shop>/?n=[1-200]' | sort | uniq -c");
    shop("write", "-X POST -d order=1 <shop>/api/orders");
    shop("read", "<shop>/api/orders");
    shop("template", "<shop>/users/42");
    shop("rewrite", "'<shop>/v1/orders?page=2'");
    shop("redirect", "-i '<shop>/old/page?q=1'");
    shop("mirror", "<shop>/copied");
    shop("headers", "-i -H 'x-debug: 1' <shop>/dressed");
    shop("beta by header", "-H 'x-beta: yes' <shop>/beta");
    shop("beta by cookie", "-b beta=yes <shop>/beta");
    shop("timeout", "-i '<shop>/delay?ms=3000'");
    shop("retry", "-i '<shop>/fail?status=503&only=shop-1,shop-2'");
    shop("one path", "--path-as-is -i <shop>/public/../users/42");
    shop("doubtful path", "--path-as-is -i <shop>/public%2f..%2fusers/42");
    fra("labels alone", Shop.LABELS_HOST, "https://labels.demo.test/");
  }

  private void choosing() {
    shop(
        "affinity",
        "-c /dev/null -o /dev/null -w '%header{x-instance}\\n' '<shop>/cart?n=[1-10]' | sort |"
            + " uniq -c");
    shop("prefer an instance", "-H 'fly-prefer-instance-id: shop-3' <shop>/");
    shop("force an instance", "-H 'fly-force-instance-id: shop-3' <shop>/");
    shop("prefer a region", "-H 'fly-prefer-region: iad' <shop>/");
    shop(
        "full",
        "-Z --parallel-immediate --no-progress-meter -o /dev/null -w '%{http_code}"
            + " %header{retry-after}\\n' '<shop>/narrow/delay?ms=2500&n=[1-8]' | sort | uniq -c");
  }

  private void operating() {
    String control = "curl -sS 'http://%s/control?".formatted(fleet.address("shop-2", "app"));
    lines.put("shop-2 fails its check", control + "health=fail'");
    lines.put("shop-2 lags", control + "health=ok&lag=500'");
    lines.put("shop-2 is well", control + "health=ok&lag=0'");
  }

  /// @param rest where `<shop>` stands for the address
  private void shop(String name, String rest) {
    fra(name, Shop.HOST, rest.replace("<shop>", "https://" + Shop.HOST));
  }

  private void fra(String name, String host, String rest) {
    lines.put(name, https(host, "edge-fra-1", rest));
  }

  private String https(String host, String edge, String rest) {
    return "curl -sS --cacert %s --connect-to %s:443:%s %s"
        .formatted(ca, host, fleet.address(edge, "https"), rest);
  }
}
