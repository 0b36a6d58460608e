using Direct.Settings;
using Microsoft.Extensions.Configuration;

namespace Direct.Hosting.Tests.Settings;

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
    public void Settings_AWord_IsItsSetting(string argument, string key, string value)
    {
        Assert.Equal(value, Configure(argument)[key]);
    }

    [Theory]
    [InlineData("prot=9000")]
    [InlineData("port")]
    [InlineData("=9000")]
    [InlineData("port:9000")]
    [InlineData("")]
    public void Settings_AnythingElse_SetsNothing(string argument)
    {
        Assert.Empty(Configure(argument).AsEnumerable());
    }

    [Theory]
    [InlineData("port=1", "port=2")]
    [InlineData("port=1", "--port=2")]
    [InlineData("port=1", "PORT=2")]
    public void Errors_AWordTwice_IsOne(params string[] arguments)
    {
        Assert.Equal(["Argument 'port=' is there 2 times; it must be there once."], Create(arguments).Errors);
    }

    [Theory]
    [InlineData("port=8085")]
    [InlineData("env=test")]
    [InlineData("sessions=none")]
    [InlineData("Direct:Limits:MaxConnections=5000")]
    [InlineData("--Direct:Limits:MaxConnections=5000")]
    [InlineData("Logging:LogLevel:Default=Debug")]
    [InlineData("--urls=http://localhost:5000")]
    public void Errors_WhatMeansSomething_IsNone(string argument)
    {
        Assert.Empty(Create(argument).Errors);
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
    public void Errors_WhatMeansNothing_IsNamed(string argument)
    {
        var error = Assert.Single(Create("port=8085", argument, "env=test").Errors);

        Assert.StartsWith($"Argument '{ArgumentText.WithoutValue(argument)}' is unknown; it must be one of port=…", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("key=gWcG3eSkTWqWVTnMNa3x")]
    [InlineData("=gWcG3eSkTWqWVTnMNa3x")]
    [InlineData("--key=gWcG3eSkTWqWVTnMNa3x")]
    [InlineData("gWcG3eSkTWqWVTnMNa3x")]
    public void WithoutValue_WhatMayBeAKey_IsNotRepeated(string argument)
    {
        Assert.DoesNotContain("gWcG", ArgumentText.WithoutValue(argument), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("colour=blue", "colour=…")]
    [InlineData("--colour=blue", "--colour=…")]
    [InlineData("port", "port")]
    [InlineData("", "")]
    public void WithoutValue_AName_IsRepeated(string argument, string expected)
    {
        Assert.Equal(expected, ArgumentText.WithoutValue(argument));
    }

    private static DirectArguments Create(params string[] arguments) => new(arguments, "Direct:Limits:MaxConnections=5000", new Dictionary<string, string>
    {
        ["port"] = "Direct:Endpoints:Port",
        ["env"] = "Direct:Node:Environment",
        ["sessions"] = "Direct:Sessions:Mode",
    });

    private static IConfigurationRoot Configure(params string[] arguments) =>
        new ConfigurationBuilder().AddInMemoryCollection(Create(arguments).Settings).Build();
}
