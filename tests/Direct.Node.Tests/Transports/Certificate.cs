using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Direct.Node.Tests.Nodes;

namespace Direct.Node.Tests.Transports;

/// <summary>Creates a certificate for the endpoint <c>Wss</c> of a test.</summary>
internal static class Certificate
{
    /// <summary>Returns the arguments with the paths of the certificate.</summary>
    public static string[] In(TemporaryFolder folder)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return
        [
            $"Kestrel:Endpoints:Wss:Certificate:Path={folder.Write("direct.pem", certificate.ExportCertificatePem())}",
            $"Kestrel:Endpoints:Wss:Certificate:KeyPath={folder.Write("direct.key", key.ExportPkcs8PrivateKeyPem())}",
        ];
    }
}
