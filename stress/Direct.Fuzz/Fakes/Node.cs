using System.Globalization;
using System.Net;
using Direct.Edge.Backplane;
using Direct.Edge.Connections;
using Direct.Edge.Hosting;
using Direct.Edge.Identity;
using Direct.Edge.Topics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Direct.Fuzz.Fakes;

/// <summary>Composes a node as in production, without sockets, without a cluster, and without time.</summary>
internal sealed class Node
{
    private static readonly ClientAddress Nowhere = new("", IPAddress.None);

    private readonly ConnectionHub _hub;
    private readonly ConnectionRegistry _registry;
    private readonly Admission _admission;
    private readonly TopicIndex _index;

    public Node(int maxMessageBytes)
    {
        string[] arguments = ["env=test"];
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration[$"{ConnectionOptions.SectionName}:MaxMessageBytes"] = maxMessageBytes.ToString(CultureInfo.InvariantCulture);
        builder.Configuration[$"{ConnectionOptions.SectionName}:QueueBytes"] = "16777216"; // at least twice the largest message
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton<TimeProvider>(new FrozenTime());
        builder.Services.AddSingleton<IBackplane>(Backplane);
        builder.AddDirectEdge(arguments);
        var services = builder.Build().Services;
        _hub = services.GetRequiredService<ConnectionHub>();
        _registry = services.GetRequiredService<ConnectionRegistry>();
        _admission = services.GetRequiredService<Admission>();
        _index = services.GetRequiredService<TopicIndex>();
        MaxMessageBytes = services.GetRequiredService<IOptions<ConnectionOptions>>().Value.MaxMessageBytes;
        Check.Equal(maxMessageBytes, MaxMessageBytes, "the setting");
    }

    public int MaxMessageBytes { get; }

    public RecordingBackplane Backplane { get; } = new();

    /// <summary>Returns a connection whose handshake is done.</summary>
    public Connection Open(List<string> events)
    {
        Backplane.Events = events;
        return _hub.Open(new RecordingSocket(events), Nowhere);
    }

    /// <summary>Checks that connections that have ended leave nothing.</summary>
    public void CheckEmpty()
    {
        Check.Equal(0, _registry.Count, "connections that are left");
        Check.Equal(0, _admission.Connections, "connections that are still counted");
        Check.Equal(0, _admission.Unauthenticated, "connections that are still counted as without a token");
        Check.Equal(0, _index.TopicCount, "topics that are left");
    }
}
