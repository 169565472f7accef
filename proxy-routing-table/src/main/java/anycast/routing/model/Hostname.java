package anycast.routing.model;

/// A public name that belongs to an app.
///
/// @param name lower-case ASCII; `*.example.com` matches any number of labels in place of `*`
public record Hostname(String name, AppId app, long generation) implements Entity {
  public Hostname {
    Names.checked("hostname", name.startsWith("*.") ? name.substring(2) : name);
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) >= 'A' && name.charAt(i) <= 'Z') {
        throw new IllegalArgumentException("hostname wants lower case: " + name);
      }
    }
  }

  @Override
  public HostnameKey key() {
    return new HostnameKey(name);
  }
}
