package anycast.load.routing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import anycast.routing.virtual.RequestView;

/// A request with the headers of a browser, one behind the other as a head keeps them.
///
/// @param fields name, value, name, value
record SomeRequest(String method, byte[] path, String[] fields) implements RequestView {
  static SomeRequest of(String method, String path, String... own) {
    String[] usual = {
      "accept", "text/html,application/xhtml+xml",
      "accept-encoding", "gzip, deflate, br",
      "accept-language", "de,en;q=0.7",
      "cache-control", "no-cache",
      "referer", "https://shop.example.com/",
      "sec-fetch-dest", "document",
      "sec-fetch-mode", "navigate",
      "user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    };
    String[] fields = new String[usual.length + own.length];
    System.arraycopy(usual, 0, fields, 0, usual.length);
    System.arraycopy(own, 0, fields, usual.length, own.length);
    return new SomeRequest(method, path.getBytes(US_ASCII), fields);
  }

  @Override
  public int pathStart() {
    return 0;
  }

  @Override
  public int pathEnd() {
    return path.length;
  }

  @Override
  public int port() {
    return 443;
  }

  @Override
  public CharSequence header(String name, int index) {
    int left = index;
    for (int i = 0; i < fields.length; i += 2) {
      if (fields[i].equals(name) && left-- == 0) {
        return fields[i + 1];
      }
    }
    return null;
  }

  @Override
  public CharSequence query(String name, int index) {
    return null;
  }

  @Override
  public CharSequence cookie(String name, int index) {
    return null;
  }
}
