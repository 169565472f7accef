package anycast.demo;

/// Who a [DemoApp] says it is.
record AppName(String instance, String app, String node, String region) {}
