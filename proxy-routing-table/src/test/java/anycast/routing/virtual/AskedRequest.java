package anycast.routing.virtual;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// A request as a test writes it.
///
/// @param path canonical, as bytes from index 1 on: the array is longer than the path
record AskedRequest(
    byte[] path,
    String method,
    int port,
    List<Named> headers,
    List<Named> query,
    List<Named> cookies)
    implements RequestView {
  record Named(String name, String value) {}

  static AskedRequest of(String path) {
    return of("GET", path, List.of());
  }

  static AskedRequest of(String method, String path, List<Named> headers) {
    return of(method, path, 443, headers, List.of(), List.of());
  }

  static AskedRequest of(
      String method,
      String path,
      int port,
      List<Named> headers,
      List<Named> query,
      List<Named> cookies) {
    byte[] bytes = ("/" + path + "/").getBytes(StandardCharsets.UTF_8);
    return new AskedRequest(bytes, method, port, headers, query, cookies);
  }

  String text() {
    return new String(path, pathStart(), pathEnd() - pathStart(), StandardCharsets.UTF_8);
  }

  @Override
  public int pathStart() {
    return 1;
  }

  @Override
  public int pathEnd() {
    return path.length - 1;
  }

  @Override
  public CharSequence header(String name, int index) {
    return value(headers, name, index);
  }

  @Override
  public CharSequence query(String name, int index) {
    return value(query, name, index);
  }

  @Override
  public CharSequence cookie(String name, int index) {
    return value(cookies, name, index);
  }

  private static CharSequence value(List<Named> among, String name, int index) {
    int left = index;
    for (int i = 0; i < among.size(); i++) {
      if (among.get(i).name().equals(name) && left-- == 0) {
        return among.get(i).value();
      }
    }
    return null;
  }

  @Override
  public String toString() {
    return method + " :" + port + text() + " " + headers + " ?" + query + " cookies " + cookies;
  }
}
