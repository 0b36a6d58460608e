using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Direct.Grains.Tls;

/// <summary>Represents the certificate of a node and the authorities that it trusts, as read from its files at one moment.</summary>
internal sealed class ClusterIdentity
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection _authorities;
    private readonly string? _peerName;

    private ClusterIdentity(X509Certificate2 certificate, X509Certificate2Collection chain, X509Certificate2Collection authorities, string? peerName)
    {
        (Certificate, _authorities, _peerName) = (certificate, authorities, peerName);

        // Offline: a server for missing or revoked certificates is not part of this cluster.
        Context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    /// <summary>Gets the certificate of this node, with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Gets the end of its validity, in UTC.</summary>
    public DateTime NotAfter => Certificate.NotAfter.ToUniversalTime();

    /// <summary>Gets the certificate together with the intermediate certificates.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>Reads the files. Returns null, with a sentence for each error, if something is missing or does not match.</summary>
    public static ClusterIdentity? Read(ClusterTlsOptions options, DateTimeOffset now, out IReadOnlyList<string> errors)
    {
        var found = new List<string>();
        errors = found;
        var chain = ReadCertificates(options.Certificate, nameof(options.Certificate), "the certificate of this node", found);
        var key = ReadText(options.Key, nameof(options.Key), "the private key of its certificate", found);
        var authorities = ReadCertificates(options.Authority, nameof(options.Authority), "the certificates of the cluster's authorities", found);
        if (options.PeerName is { } name && Uri.CheckHostName(name) is not UriHostNameType.Dns)
        {
            found.Add($"{Name(nameof(options.PeerName))} is '{name}'; it must be a DNS name that every node's certificate carries, or not be set.");
        }

        if (found.Count > 0)
        {
            return null;
        }

        var certificate = Join(chain[0], key, options, found);
        if (certificate is null)
        {
            return null;
        }

        chain.RemoveAt(0);
        var identity = new ClusterIdentity(certificate, chain, authorities, options.PeerName);
        found.AddRange(identity.OwnErrors(options, now, chain));
        return found.Count > 0 ? null : identity;
    }

    /// <summary>Returns the authorities to trust in a handshake.</summary>
    public X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_authorities);
        return policy;
    }

    /// <summary>Returns whether the other side of a handshake, whose chain has been built by <see cref="Policy"/>, is a node of this cluster.</summary>
    public bool IsPeer(X509Certificate2 certificate, SslPolicyErrors errors) =>
        (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None // nodes are addressed by IP addresses, which no certificate contains
        && HasPeerName(certificate);

    private static X509Certificate2? Join(X509Certificate2 certificate, string key, ClusterTlsOptions options, List<string> errors)
    {
        try
        {
            var joined = X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), key);
            if (!OperatingSystem.IsWindows())
            {
                return joined;
            }

            using (joined) // Windows uses a key only after it has been imported
            {
                return X509CertificateLoader.LoadPkcs12(joined.Export(X509ContentType.Pkcs12), null);
            }
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            errors.Add($"{Name(nameof(options.Key))} is '{options.Key}', which is not the private key of {options.Certificate}, in PEM and not encrypted: {exception.Message}");
            return null;
        }
    }

    private IEnumerable<string> OwnErrors(ClusterTlsOptions options, DateTimeOffset now, X509Certificate2Collection between)
    {
        var file = $"{Name(nameof(options.Certificate))} is '{options.Certificate}'";
        if (now > NotAfter || now < Certificate.NotBefore.ToUniversalTime())
        {
            yield return $"{file}, which is valid from {Certificate.NotBefore.ToUniversalTime():u} to {NotAfter:u}; it must be valid now.";
        }

        foreach (var (usage, whom) in ((string, string)[])[(ServerUsage, "servers"), (ClientUsage, "clients")])
        {
            if (Certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } usages
                && !usages.EnhancedKeyUsages.Cast<Oid>().Any(allowed => allowed.Value == usage))
            {
                yield return $"{file}, whose extended key usage leaves out {whom} ({usage}); nodes are both.";
            }
        }

        if (!HasPeerName(Certificate))
        {
            yield return $"{file}, which does not carry the name {_peerName} ({Name(nameof(options.PeerName))}); other nodes would refuse it.";
        }

        using var chain = new X509Chain { ChainPolicy = Policy() };
        chain.ChainPolicy.ExtraStore.AddRange(between);
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid; // reported above
        if (!chain.Build(Certificate))
        {
            yield return $"{file}, which no certificate in {options.Authority} ({Name(nameof(options.Authority))}) has signed; other nodes would refuse it.";
        }
    }

    private bool HasPeerName(X509Certificate2 certificate) =>
        _peerName is null || certificate.MatchesHostname(_peerName, allowWildcards: true, allowCommonName: false);

    private static string ReadText(string? path, string setting, string what, List<string> errors)
    {
        if (string.IsNullOrEmpty(path))
        {
            errors.Add($"{Name(setting)} is not set; with TLS between nodes it must name a PEM file with {what}.");
            return "";
        }

        if (path.Contains("-----", StringComparison.Ordinal))
        {
            errors.Add($"{Name(setting)} holds PEM text, which is not shown; it must name a PEM file with {what}.");
            return "";
        }

        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            errors.Add($"{Name(setting)} is '{path}', which cannot be read: {exception.Message}");
            return "";
        }
    }

    private static X509Certificate2Collection ReadCertificates(string? path, string setting, string what, List<string> errors)
    {
        var certificates = new X509Certificate2Collection();
        var before = errors.Count;
        var text = ReadText(path, setting, what, errors);
        if (errors.Count > before)
        {
            return certificates;
        }

        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException exception)
        {
            errors.Add($"{Name(setting)} is '{path}', which is not PEM: {exception.Message}");
            return certificates;
        }

        if (certificates.Count == 0)
        {
            errors.Add($"{Name(setting)} is '{path}', in which there is no certificate; it must hold {what}, in PEM.");
        }

        return certificates;
    }

    private static string Name(string setting) => $"{ClusterTlsOptions.SectionName}:{setting}";
}
