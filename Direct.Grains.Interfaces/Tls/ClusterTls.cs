using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Direct.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Connections.Security;

namespace Direct.Grains.Tls;

/// <summary>Puts TLS on the connections of silos and gateways.</summary>
public static class ClusterTls
{
    private const SslProtocols Versions = SslProtocols.Tls13 | SslProtocols.Tls12;

    /// <summary>Reads the settings, whose errors the validator reports. The files are watched until the node ends.</summary>
    /// <returns>The identity of this node; null without TLS, or if the settings cannot be used, which must end the start.</returns>
    public static ClusterIdentityFiles? AddClusterTls(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddDirectOptions<ClusterTlsOptions>(ClusterTlsOptions.SectionName)
            .AddSingleton<IValidateOptions<ClusterTlsOptions>, ClusterTlsOptionsValidator>();
        var options = new ClusterTlsOptions();
        configuration.GetSection(ClusterTlsOptions.SectionName).Bind(options);
        if (!options.IsOn || ClusterIdentityFiles.Open(options, DateTimeOffset.UtcNow) is not { } files)
        {
            return null;
        }

        services.AddSingleton(files);
        services.AddSingleton<IHostedService, ClusterIdentityWatch>();
        return files;
    }

    /// <summary>Puts TLS on the connections between silos, and on those from gateways.</summary>
    public static void UseClusterTls(this ISiloBuilder silo, ClusterIdentityFiles files) => silo.UseTls(tls => Configure(tls, files));

    /// <summary>Puts TLS on the connections to the silos.</summary>
    public static void UseClusterTls(this IClientBuilder client, ClusterIdentityFiles files) => client.UseTls(tls => Configure(tls, files));

    /// <summary>Makes the handshake of a node that has connected to a silo.</summary>
    internal static async Task<SslStream> AuthenticateAsync(Stream stream, ClusterIdentityFiles files, CancellationToken cancellationToken)
    {
        var identity = files.Current;
        var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = Versions,
                ClientCertificateContext = identity.Context,
                CertificateChainPolicy = identity.Policy(),
                RemoteCertificateValidationCallback = (_, certificate, _, errors) => certificate is X509Certificate2 peer && files.Current.IsPeer(peer, errors),
            },
            cancellationToken);
        return tls;
    }

    private static void Configure(TlsOptions tls, ClusterIdentityFiles files)
    {
        tls.LocalCertificate = files.Current.Certificate; // Orleans requires one at the start; every handshake gets the current one
        tls.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        tls.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        tls.SslProtocols = Versions;
        tls.RemoteCertificateValidation = (certificate, _, errors) => files.Current.IsPeer(certificate, errors);
        tls.OnAuthenticateAsServer = (_, options) =>
        {
            var (identity, server) = (files.Current, (SslServerAuthenticationOptions)options.SslServerAuthenticationOptions);
            server.ServerCertificate = null;
            server.ServerCertificateSelectionCallback = null;
            server.ServerCertificateContext = identity.Context;
            server.CertificateChainPolicy = identity.Policy();
        };
        tls.OnAuthenticateAsClient = (_, options) =>
        {
            var (identity, client) = (files.Current, (SslClientAuthenticationOptions)options.SslClientAuthenticationOptions);
            client.ClientCertificates = null;
            client.LocalCertificateSelectionCallback = null;
            client.ClientCertificateContext = identity.Context;
            client.CertificateChainPolicy = identity.Policy();
        };
    }
}
