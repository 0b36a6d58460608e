using System.Net;
using Direct.Edge.Backplane;
using Direct.Edge.Hosting;
using Direct.Edge.Identity;
using Direct.Gateway.Cluster;
using Direct.Gateway.Rights;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.TestingHost;
using OrleansClusterOptions = Orleans.Configuration.ClusterOptions;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>Represents a whole gateway on a separate port, composed as in Program.cs except for the address of its cluster.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1);
    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private readonly ErrorLog _errors;
    private Task<int> _running = Task.FromResult(0);

    private GatewayHost(string name, int port, WebApplication app, ErrorLog errors)
    {
        (Name, Port, _app, _errors) = (name, port, app, errors);
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    public string Name { get; }

    public int Port { get; }

    public IServiceProvider Services => _app.Services;

    public HangingSink Sink => Services.GetRequiredService<HangingSink>();

    /// <summary>Gets or sets whether the test expects errors in the log.</summary>
    public bool ExpectsErrors { get; set; }

    public static async Task<GatewayHost> StartAsync(string name, TestClusterOptions cluster, IPEndPoint[] silos, params string[] arguments)
    {
        var port = FreePort.Take();
        string[] all =
        [
            $"port={port}", "env=test", "Direct:Endpoints:Address=127.0.0.1", $"Direct:Cluster:Name={name}", "Direct:Connections:PingInterval=00:02:00",
            "Direct:Connections:ReadTimeout=02:00:00", "Direct:Connections:Direct2=true", .. arguments,
        ];
        var builder = WebApplication.CreateBuilder(all);
        var errors = new ErrorLog();
        builder.Logging.ClearProviders().AddProvider(errors);
        builder.AddDirectEdge(all, DirectCluster.Aliases);
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering(silos);
            client.AddOutgoingGrainCallFilter<CallRecorder.Outgoing>();
            client.Configure<OrleansClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.ClusterId, cluster.ServiceId));
        });
        builder.Services.AddClusterBackplane();
        builder.AddRightsSources();
        Decorate<ISignalSink, HangingSink>(builder.Services);
        Decorate<IPresenceHandler, HangingPresenceHandler>(builder.Services);
        Decorate<ITestIds, RecordingTestIds>(builder.Services);
        var gateway = new GatewayHost(name, port, builder.Build(), errors);
        gateway._running = gateway._app.RunDirectAsync();
        try
        {
            await gateway.ReadyAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the gateway accepts connections.</summary>
    public Task ReadyAsync()
    {
        var last = "no answer yet";
        return Deadline.UntilAsync(
            $"gateway {Name} gets ready",
            async () =>
            {
                Assert.False(_running.IsCompleted, $"gateway {Name} has ended");
                try
                {
                    using var response = await _http.GetAsync(new Uri("/readyz", UriKind.Relative));
                    last = $"{response.StatusCode} {await response.Content.ReadAsStringAsync()}";
                    return response.IsSuccessStatusCode;
                }
                catch (HttpRequestException exception)
                {
                    last = exception.Message;
                    return false;
                }
            },
            TimeSpan.FromSeconds(40),
            () => last);
    }

    /// <summary>Connects and sends a token. Returns the user id of the connection.</summary>
    /// <param name="user">The user of the token; a new user when null.</param>
    public async Task<(ProtocolClient Client, long User)> ConnectAsync(long? user = null)
    {
        await _connecting.WaitAsync();
        try
        {
            Services.GetRequiredService<RecordingTestIds>().Next = user;
            var client = await ProtocolClient.ConnectWithTokenAsync(Port);
            return (client, Services.GetRequiredService<RecordingTestIds>().Last);
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <summary>Connects in <c>direct.2</c> and sends a token of the user.</summary>
    public async Task<ProtocolClient> ConnectDirect2Async(long user)
    {
        await _connecting.WaitAsync();
        try
        {
            Services.GetRequiredService<RecordingTestIds>().Next = user;
            var client = await ProtocolClient.ConnectAsync(Port, HandshakeOptions.Direct2);
            await client.SendTextAsync("auth token");
            Assert.StartsWith($"welcome {user} ", await client.ReceiveTextAsync(), StringComparison.Ordinal);
            return client;
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <summary>Connects, joins a group and channel, and waits until the join is in force.</summary>
    public async Task<ProtocolClient> JoinAsync(long group, long channel)
    {
        var (client, _) = await ConnectAsync();
        await client.JoinAsync(group, channel);
        return client;
    }

    /// <summary>Sends a signal through the HTTP API for backends.</summary>
    public async Task<SignalReceipt> SignalAsync(string part, string message, string? id = null)
    {
        var query = $"/!direct-signal?part={Uri.EscapeDataString(part)}&message={Uri.EscapeDataString(message)}";
        using var response = await _http.GetAsync(new Uri(query + (id is null ? "" : $"&id={Uri.EscapeDataString(id)}"), UriKind.Relative));
        return await SignalReceiptReader.ReadAsync(response);
    }

    /// <summary>Sends a GET request to the gateway.</summary>
    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string target)
    {
        using var response = await _http.GetAsync(new Uri(target, UriKind.Relative));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Asks the gateway for a recheck of rights in the cluster.</summary>
    public Task<(HttpStatusCode Status, string Body)> RecheckAsync(string part) => GetAsync($"/!direct-recheck?part={Uri.EscapeDataString(part)}");

    /// <summary>Sends a signal and asserts that it is answered 200.</summary>
    public async Task<(int? Delivered, int? Gateways)> DeliverAsync(string part, string message, string? id = null)
    {
        var receipt = await SignalAsync(part, message, id);
        Assert.True(receipt.Status == HttpStatusCode.OK, $"'{message}' to {part} through gateway {Name}: {receipt}");
        return (receipt.Delivered, receipt.Gateways);
    }

    /// <summary>Stops the gateway gracefully, as SIGTERM does.</summary>
    public async Task StopAsync()
    {
        _app.Lifetime.StopApplication();
        await Deadline.RunAsync($"gateway {Name} ends", token => new ValueTask<int>(_running.WaitAsync(token)), TimeSpan.FromSeconds(40));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_running.IsCompleted)
        {
            Sink.WakeUp();
            await StopAsync();
        }

        _http.Dispose();
        _connecting.Dispose();
        Assert.True(ExpectsErrors || _errors.Entries.Count == 0, $"gateway {Name} logged errors: {string.Join('\n', _errors.Entries)}");
    }

    // Wraps the registered service in a decorator.
    private static void Decorate<TService, TDecorator>(IServiceCollection services)
        where TService : class
        where TDecorator : class, TService
    {
        var inner = services.Last(service => service.ServiceType == typeof(TService)).ImplementationType!;
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<TDecorator>(provider, (TService)ActivatorUtilities.CreateInstance(provider, inner)));
        services.Replace(ServiceDescriptor.Singleton<TService>(static provider => provider.GetRequiredService<TDecorator>()));
    }
}
