using Direct.Edge.Hosting;
using Microsoft.Extensions.Configuration;

namespace Direct.Edge.Tests.Hosting;

public sealed class DirectArgumentsTests
{
    [Theory]
    [InlineData("port=9000", "Direct:Endpoints:Port", "9000")]
    [InlineData("env=test", "Direct:Node:Environment", "test")]
    [InlineData("sessions=none", "Direct:Sessions:Mode", "none")]
    [InlineData("PORT=9000", "Direct:Endpoints:Port", "9000")]
    [InlineData("--port=9000", "Direct:Endpoints:Port", "9000")]
    [InlineData("-port=9000", "Direct:Endpoints:Port", "9000")]
    [InlineData("env=", "Direct:Node:Environment", "")]
    [InlineData("env=a=b", "Direct:Node:Environment", "a=b")]
    public void AddDirectArguments_AWord_IsItsSetting(string argument, string key, string value)
    {
        Assert.Equal(value, Configure(argument)[key]);
    }

    [Theory]
    [InlineData("prot=9000")]
    [InlineData("port")]
    [InlineData("=9000")]
    [InlineData("port:9000")]
    [InlineData("")]
    public void AddDirectArguments_AnythingElse_SetsNothing(string argument)
    {
        Assert.Empty(Configure(argument).AsEnumerable());
    }

    [Fact]
    public void AddDirectArguments_AndAnEarlierSource_HasTheLastWord()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Direct:Endpoints:Port", (string?)"1")]);

        Create("port=2").AddTo(configuration);

        Assert.Equal("2", configuration.Build()["Direct:Endpoints:Port"]);
    }

    [Theory]
    [InlineData("port=1", "port=2")]
    [InlineData("port=1", "--port=2")]
    [InlineData("port=1", "PORT=2")]
    public void AddDirectArguments_AWordTwice_TheLastCounts(params string[] arguments)
    {
        Assert.Equal("2", Configure(arguments)["Direct:Endpoints:Port"]);
    }

    [Theory]
    [InlineData("port=8085")]
    [InlineData("env=test")]
    [InlineData("sessions=none")]
    [InlineData("Direct:Limits:MaxConnections=5000")]
    [InlineData("--Direct:Limits:MaxConnections=5000")]
    [InlineData("Logging:LogLevel:Default=Debug")]
    [InlineData("--urls=http://localhost:5000")]
    public void Unknown_WhatMeansSomething_IsNot(string argument)
    {
        Assert.Empty(Create(argument).Unknown);
    }

    [Theory]
    [InlineData("prot=8085")]
    [InlineData("8085")]
    [InlineData("test")]
    [InlineData("port")]
    [InlineData("port:8085")]
    [InlineData("=8085")]
    [InlineData("origin=https://example.com:443")]
    [InlineData("")]
    public void Unknown_WhatMeansNothing_IsNamed(string argument)
    {
        Assert.Equal([argument], Create("port=8085", argument, "env=test").Unknown);
    }

    [Theory]
    [InlineData("key=gWcG3eSkTWqWVTnMNa3x")]
    [InlineData("=gWcG3eSkTWqWVTnMNa3x")]
    [InlineData("--key=gWcG3eSkTWqWVTnMNa3x")]
    [InlineData("gWcG3eSkTWqWVTnMNa3x")]
    public void WithoutValue_WhatMayBeAKey_IsNotRepeated(string argument)
    {
        Assert.DoesNotContain("gWcG", DirectArguments.WithoutValue(argument), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("colour=blue", "colour=…")]
    [InlineData("--colour=blue", "--colour=…")]
    [InlineData("port", "port")]
    [InlineData("", "")]
    public void WithoutValue_AName_IsRepeated(string argument, string expected)
    {
        Assert.Equal(expected, DirectArguments.WithoutValue(argument));
    }

    [Fact]
    public void Known_WordsOfACluster_AreThereToo()
    {
        var arguments = new DirectArguments(["silo=1", "port=2"], [KeyValuePair.Create("silo", "Direct:Silo:Port")]);
        var configuration = new ConfigurationBuilder();

        arguments.AddTo(configuration);

        Assert.Equal(
            ("1", "2", true),
            (configuration.Build()["Direct:Silo:Port"], configuration.Build()["Direct:Endpoints:Port"], arguments.Known.Contains("silo")));
        Assert.Empty(arguments.Unknown);
    }

    private static DirectArguments Create(params string[] arguments) => new(arguments, []);

    private static IConfigurationRoot Configure(params string[] arguments)
    {
        var configuration = new ConfigurationBuilder();
        Create(arguments).AddTo(configuration);
        return configuration.Build();
    }
}
