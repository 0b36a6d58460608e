namespace Direct.Hosting.Tests.Telemetry;

public sealed class PrometheusNameTests
{
    [Theory]
    [InlineData("direct.gateway.connections.active", "{connection}", false, "direct_gateway_connections_active")]
    [InlineData("direct.gateway.connections.opened", "{connection}", true, "direct_gateway_connections_opened_total")]
    [InlineData("direct.gateway.signal.duration", "s", false, "direct_gateway_signal_duration_seconds")]
    [InlineData("direct.gateway.lanes.bytes", "By", false, "direct_gateway_lanes_bytes")]
    [InlineData("dotnet.gc.heap.total_allocated", "By", true, "dotnet_gc_heap_total_allocated_bytes_total")]
    [InlineData("a.total", "", true, "a_total")]
    [InlineData("a_total", "s", true, "a_seconds_total")]
    [InlineData("orleans-messaging-sent.size", "bytes", false, "orleans_messaging_sent_size_bytes")]
    [InlineData("share", "1", false, "share")]
    [InlineData("share", "%", false, "share_percent")]
    [InlineData("rate", "By/s", false, "rate_bytes_per_second")]
    [InlineData("rate", "{request}/s", false, "rate_per_second")]
    [InlineData("rate", "{request}", false, "rate")]
    [InlineData("a..b--c", null, false, "a_b_c")]
    [InlineData("1st", null, false, "_1st")]
    [InlineData("größe", null, false, "gr_e")]
    public void Of_AnInstrument_IsItsFamily(string instrument, string? unit, bool isCounter, string name)
    {
        Assert.Equal(name, PrometheusName.Of(instrument, unit, isCounter));
    }

    [Theory]
    [InlineData("status", "status")]
    [InlineData("http.response.status_code", "http_response_status_code")]
    [InlineData("a:b", "a_b")]
    [InlineData("__name__", "_name_")]
    [InlineData("9", "_9")]
    [InlineData("", "_")]
    public void OfLabel_ATag_IsLegalAndNotReserved(string tag, string name)
    {
        Assert.Equal(name, PrometheusName.OfLabel(tag));
    }
}
