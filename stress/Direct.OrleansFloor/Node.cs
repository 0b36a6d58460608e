using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Direct.OrleansFloor;

/// <summary>Runs one silo or one client until its standard input ends.</summary>
internal static class Node
{
    public const int Rooms = 160;

    private const int SiloPort = 18211;
    private const int GatewayPort = 18311;
    private const string Cluster = "floor";

    public static async Task RunSiloAsync(int index)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.UseOrleans(silo => silo.UseLocalhostClustering(
            SiloPort + index, GatewayPort + index, new IPEndPoint(IPAddress.Loopback, SiloPort), Cluster, Cluster));
        using var host = builder.Build();
        await host.StartAsync();
        Console.WriteLine("ready");
        await Console.In.ReadToEndAsync();
        Environment.Exit(0); // the other processes end too, so nobody is told
    }

    /// <summary>Subscribes to half of the rooms, and publishes to all of them. Answers each line of the input with the number of answered calls so far.</summary>
    public static async Task RunClientAsync(int index, int callers)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.UseOrleansClient(client => client
            .UseStaticClustering(new IPEndPoint(IPAddress.Loopback, GatewayPort), new IPEndPoint(IPAddress.Loopback, GatewayPort + 1))
            .Configure<ClusterOptions>(static options => (options.ClusterId, options.ServiceId) = (Cluster, Cluster)));
        using var host = builder.Build();
        await host.StartAsync();

        var grains = host.Services.GetRequiredService<IGrainFactory>();
        var receiver = new Receiver();
        var reference = grains.CreateObjectReference<IReceiver>(receiver);
        for (var room = index; room < Rooms; room += 2)
        {
            await grains.GetGrain<IRoomGrain>(room).SubscribeAsync(reference);
        }

        Console.WriteLine("ready");
        await Console.In.ReadLineAsync(); // until the other client has subscribed too
        var calls = 0L;
        for (var caller = 0; caller < callers; caller++)
        {
            var room = (caller * 7) + index;
            _ = Task.Run(async () =>
            {
                var payload = new byte[64];
                while (true)
                {
                    room = (room + 13) % Rooms;
                    await grains.GetGrain<IRoomGrain>(room).PublishAsync(payload);
                    Interlocked.Increment(ref calls);
                }
            });
        }

        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.WriteLine(Interlocked.Read(ref calls));
        }

        GC.KeepAlive(receiver); // Orleans holds it by a weak reference
        Environment.Exit(0);
    }
}
