using Direct.Crash.Tests.Clusters;

namespace Direct.Crash.Tests.Scenarios;

/// <summary>
/// Tests clients of direct.2 that connect again, to any gateway, whenever their connection ends. One failure or planned stop may cause no <c>gap</c>; two
/// at once may (docs/internals/resume.md). Nothing is ever lost without a <c>gap</c>, or received twice.
/// </summary>
public sealed class ResumeTests(DatabaseFixture database)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // How long the load runs after a failure. A dead silo has been replaced by then.
    private static readonly TimeSpan Replaced = TimeSpan.FromSeconds(8);

    // What the failure has destroyed is copied again meanwhile.
    private static readonly TimeSpan Copied = TimeSpan.FromSeconds(3);

    // Longer than it takes to give up a silo that is silent.
    private static readonly TimeSpan GivenUp = TimeSpan.FromSeconds(10);

    // Longer than it takes a gateway to start the lanes of its topics again.
    private static readonly TimeSpan StartedAgain = TimeSpan.FromSeconds(15);

    private static readonly ClusterPlan QuickDrain = new() { GatewayArguments = ["Direct:Drain:ReadyDelay=00:00:01"] };

    [Fact]
    public async Task Silos_EndOneAfterTheOther_NoGap()
    {
        await using var run = await ResumeRun.StartAsync(database, "silos", QuickDrain);
        var cluster = run.Cluster;

        await run.RowAsync("silo killed", AllowedGaps.None, async () =>
        {
            var silo = cluster.OtherSilo;
            silo.Process.Kill();
            await AgainAsync(cluster, silo);
        });
        await run.RowAsync("registry's silo killed", AllowedGaps.None, async () =>
        {
            var silo = cluster.RegistrySilo;
            silo.Process.Kill();
            await AgainAsync(cluster, silo);
        });
        await run.RowAsync("registry's silo stopped", AllowedGaps.None, async () =>
        {
            var silo = cluster.RegistrySilo;
            await silo.Process.EndAsync();
            await AgainAsync(cluster, silo);
        });
        await run.RowAsync("silo frozen until it was given up, thawed", AllowedGaps.None, async () =>
        {
            var silo = cluster.OtherSilo;
            await silo.Process.SendAsync("STOP");
            await ResumeRun.LoadAsync(GivenUp);
            await silo.Process.SendAsync("CONT");
            await silo.Process.WaitForExitAsync(Patience); // it learns that it was given up
            await AgainAsync(cluster, silo);
        });

        // Nobody sends to the topics of some users. Their lanes must start again all the same, before their gateway ends.
        await run.RowAsync("silo killed, and a gateway when its lanes have started again", AllowedGaps.None, async () =>
        {
            var silo = cluster.OtherSilo;
            silo.Process.Kill();
            await AgainAsync(cluster, silo);
            await ResumeRun.LoadAsync(StartedAgain);
            Kill(cluster, cluster.Gateways[0]);
            await cluster.StartGatewayAsync();
            await ResumeRun.LoadAsync(CrashTimes.LeaseOver);
        });
        await run.RowAsync("rolling upgrade", AllowedGaps.None, () => RollAsync(cluster));

        await run.AssertHoldsAsync();
    }

    [Fact]
    public async Task GatewaysAndNetworks_FailOneAfterTheOther_NoGap()
    {
        await using var run = await ResumeRun.StartAsync(database, "gateways", QuickDrain with { HasProxies = true, HasSiloProxies = true });
        var cluster = run.Cluster;

        await run.RowAsync("gateway killed", AllowedGaps.None, async () =>
        {
            Kill(cluster, cluster.Gateways[0]);
            await cluster.StartGatewayAsync();
            await ResumeRun.LoadAsync(CrashTimes.LeaseOver);
        });
        await run.RowAsync("gateway stopped", AllowedGaps.None, async () =>
        {
            await ReplaceAsync(cluster, cluster.Gateways[0]);
            await ResumeRun.LoadAsync(Replaced);
        });
        await run.RowAsync("gateway frozen until its lease was over, thawed", AllowedGaps.None, async () =>
        {
            var gateway = cluster.Gateways[0].Process;
            await gateway.SendAsync("STOP");
            await ResumeRun.LoadAsync(CrashTimes.LeaseOver);
            await gateway.SendAsync("CONT");
            await gateway.WaitReadyAsync();
            await ResumeRun.LoadAsync(Copied);
        });
        await run.RowAsync("gateway cut off from all silos", AllowedGaps.None, async () =>
        {
            var gateway = cluster.Gateways[0];
            cluster.Cut(gateway, Cut.Both);
            await ResumeRun.LoadAsync(CrashTimes.CutOff);
            cluster.Cut(gateway, Cut.None);
            await gateway.Process.WaitReadyAsync();
            await ResumeRun.LoadAsync(Copied);
        });
        await run.RowAsync("silo cut off from the database", AllowedGaps.None, async () =>
        {
            cluster.CutFromDatabase(cluster.OtherSilo, Cut.Both);
            await ResumeRun.LoadAsync(GivenUp);
            cluster.CutFromDatabase(cluster.OtherSilo, Cut.None);
            await ResumeRun.LoadAsync(Copied);
        });
        await run.RowAsync("silo cut off from the other one and the database, not from gateways", AllowedGaps.None, async () =>
        {
            var silo = cluster.OtherSilo;
            cluster.Cut(silo, Cut.Both);
            await ResumeRun.LoadAsync(GivenUp);
            cluster.Cut(silo, Cut.None);
            await silo.Process.WaitForExitAsync(Patience);
            await AgainAsync(cluster, silo);
        });

        await run.AssertHoldsAsync();
    }

    [Fact]
    public async Task Clients_LoseTheirNetworkOrAreAway_NoGap()
    {
        await using var run = await ResumeRun.StartAsync(database, "clients");
        var cluster = run.Cluster;

        await run.RowAsync("five reconnect storms, half a second apart", AllowedGaps.None, async () =>
        {
            for (var i = 0; i < 5; i++)
            {
                Drop(run, TimeSpan.Zero);
                await ResumeRun.LoadAsync(TimeSpan.FromSeconds(0.5));
            }
        });

        // Longer than the ten seconds for which a gateway stays subscribed, and shorter than the window.
        await run.RowAsync("all clients are away for 15 s", AllowedGaps.None, async () =>
        {
            Drop(run, TimeSpan.FromSeconds(15));
            await ResumeRun.LoadAsync(TimeSpan.FromSeconds(18));
        });
        await run.RowAsync("ids repeated through other gateways after a gateway, then a silo was killed", AllowedGaps.None, async () =>
        {
            Kill(cluster, cluster.Gateways[0]);
            await cluster.StartGatewayAsync();
            await run.RepeatAsync(count: 200);
            var silo = cluster.OtherSilo;
            silo.Process.Kill();
            await run.RepeatAsync(count: 200);
            await AgainAsync(cluster, silo);
        });
        await run.RowAsync("silo killed while the database is away", AllowedGaps.None, async () =>
        {
            var silo = cluster.OtherSilo;
            await cluster.Database.StopAsync();
            try
            {
                silo.Process.Kill();
                await ResumeRun.LoadAsync(CrashTimes.DatabaseDown);
            }
            finally
            {
                await cluster.Database.StartAgainAsync();
            }

            await ResumeRun.LoadAsync(Replaced);
            await AgainAsync(cluster, silo);
        });

        await run.AssertHoldsAsync();
    }

    [Fact]
    public async Task TwoFailuresAtOnce_NothingIsLostWithoutAGap()
    {
        await using var run = await ResumeRun.StartAsync(database, "two-failures");
        var cluster = run.Cluster;

        await run.RowAsync("a gateway and a silo killed at once", AllowedGaps.All, async () =>
        {
            var silo = cluster.OtherSilo;
            Kill(cluster, cluster.Gateways[0]);
            silo.Process.Kill();
            await cluster.StartGatewayAsync();
            await AgainAsync(cluster, silo);
        });
        await run.RowAsync("all silos killed", AllowedGaps.All, async () =>
        {
            cluster.Silos.ForEach(static silo => silo.Process.Kill());
            await Task.WhenAll(cluster.Silos.Select(silo => cluster.StartSiloAsync(silo)));
            await ResumeRun.LoadAsync(CrashTimes.LeaseOver); // the registry waits for the length of a lease
        });

        await run.AssertHoldsAsync();
    }

    /// <summary>Tests a gateway with a silo in its process, which is a whole cluster. It has two roles, so its end counts as two failures.</summary>
    [Fact]
    public async Task GatewayWithASilo_IsKilled_NothingIsLostWithoutAGap()
    {
        var alone = new ClusterPlan { Silos = 0, Gateways = 1 };
        await using var run = await ResumeRun.StartAsync(database, "embedded", alone);

        await run.RowAsync("gateway with a silo killed", AllowedGaps.All, async () =>
        {
            var gateway = run.Cluster.Gateways.Single();
            gateway.Process.Kill();
            await run.Cluster.StartGatewayAsync(gateway.Target.Port);
            run.Cluster.Forget(gateway);
            await ResumeRun.LoadAsync(Copied);
        });

        await run.AssertHoldsAsync();
    }

    /// <summary>Tests positions that were told minutes ago.</summary>
    [Fact]
    public async Task Silo_IsKilledAfterIdleMinutes_NoGap()
    {
        Assert.SkipWhen(CrashTimes.Idle == TimeSpan.Zero, "takes minutes in which nothing happens: DIRECT_CRASH_IDLE=240 DIRECT_TEST_LIMIT=00:10:00");
        await using var run = await ResumeRun.StartAsync(database, "idle", areRestless: false);
        foreach (var client in run.Clients)
        {
            client.Silence = TimeSpan.FromMinutes(2); // longer than the time between two pings of a gateway
        }

        await run.RowAsync("nothing, before the idle minutes", AllowedGaps.None, () =>
        {
            Drop(run, TimeSpan.Zero);
            return ResumeRun.LoadAsync(Copied);
        });
        await ResumeRun.LoadAsync(CrashTimes.Idle);
        await run.RowAsync("silo killed after idle minutes, and all clients come back", AllowedGaps.None, async () =>
        {
            run.Cluster.OtherSilo.Process.Kill();
            Drop(run, TimeSpan.FromSeconds(1));
            await ResumeRun.LoadAsync(Replaced);
        });

        await run.AssertHoldsAsync();
    }

    private static void Drop(ResumeRun run, TimeSpan away)
    {
        foreach (var client in run.Clients)
        {
            client.Drop(away);
        }
    }

    private static void Kill(CrashCluster cluster, GatewayNode gateway)
    {
        gateway.Process.Kill();
        cluster.Forget(gateway);
    }

    // Follows the steps of docs/operate/runbook.md.
    private static async Task RollAsync(CrashCluster cluster)
    {
        foreach (var silo in cluster.Silos)
        {
            await silo.Process.EndAsync();
            await cluster.StartSiloAsync(silo);
            await ResumeRun.LoadAsync(CrashTimes.BetweenSteps);
        }

        foreach (var gateway in cluster.Gateways.ToArray())
        {
            await ReplaceAsync(cluster, gateway);
            await ResumeRun.LoadAsync(CrashTimes.BetweenSteps);
        }
    }

    private static async Task ReplaceAsync(CrashCluster cluster, GatewayNode gateway)
    {
        await cluster.StartGatewayAsync();
        cluster.Forget(gateway);
        await gateway.Process.EndAsync();
    }

    // Starts the silo again after the load has run without it.
    private static async Task AgainAsync(CrashCluster cluster, SiloNode silo)
    {
        await ResumeRun.LoadAsync(Replaced);
        await cluster.StartSiloAsync(silo);
        await ResumeRun.LoadAsync(Copied);
    }
}
