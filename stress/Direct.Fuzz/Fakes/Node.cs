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

    /// <param name="connections">Settings of connections.</param>
    public Node(params (string Name, object Value)[] connections)
    {
        string[] arguments = ["env=test"];
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        foreach (var (name, value) in connections.Prepend(("QueueBytes", 16 * 1024 * 1024))) // at least twice the largest message
        {
            builder.Configuration[$"{ConnectionOptions.SectionName}:{name}"] = Convert.ToString(value, CultureInfo.InvariantCulture);
        }

        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton<TimeProvider>(new FrozenTime());
        builder.Services.AddSingleton<ITestIds>(new FixedTestIds());
        builder.Services.AddSingleton<IBackplane>(Backplane);
        builder.AddDirectEdge(arguments);
        var services = builder.Build().Services;
        _hub = services.GetRequiredService<ConnectionHub>();
        _registry = services.GetRequiredService<ConnectionRegistry>();
        _admission = services.GetRequiredService<Admission>();
        _index = services.GetRequiredService<TopicIndex>();
        Options = services.GetRequiredService<IOptions<ConnectionOptions>>().Value;
    }

    public ConnectionOptions Options { get; }

    public RecordingBackplane Backplane { get; } = new();

    /// <summary>Returns a connection whose handshake is done.</summary>
    public Connection Open(List<string> events)
    {
        Backplane.Events = events;
        return _hub.Open(new RecordingSocket(events), Nowhere, Options.Direct2);
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
